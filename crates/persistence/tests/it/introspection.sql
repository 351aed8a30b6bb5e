-- Everything in the first schema of the search path, in the form of `schema.json` (database §8). Lists are in no
-- particular order, except those of columns.
WITH relation AS (
    SELECT c.*
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema()
),
column_of AS (
    SELECT
        a.attrelid,
        json_agg(
            json_build_object(
                'position', a.position,
                'name', a.attname,
                'type', format_type(a.atttypid, a.atttypmod),
                'nullable', NOT a.attnotnull,
                'default', pg_get_expr(d.adbin, d.adrelid),
                'storage', CASE a.attstorage
                    WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended'
                END,
                'storage_is_type_default', a.attstorage = t.typstorage
            )
            ORDER BY a.attnum
        ) AS list
    FROM (
        SELECT *, row_number() OVER (PARTITION BY attrelid ORDER BY attnum) AS position
        FROM pg_attribute
        WHERE attnum > 0 AND NOT attisdropped
    ) AS a
    JOIN pg_type AS t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    GROUP BY a.attrelid
),
constraint_of AS (
    SELECT
        conrelid,
        json_agg(
            json_build_object(
                'name', conname,
                'type', CASE contype
                    WHEN 'p' THEN 'primary key' WHEN 'f' THEN 'foreign key' WHEN 'c' THEN 'check'
                    WHEN 'u' THEN 'unique' ELSE contype::text
                END,
                'deferrable', condeferrable,
                'initially_deferred', condeferred,
                'validated', convalidated,
                'definition', pg_get_constraintdef(oid)
            )
        ) AS list
    FROM pg_constraint
    WHERE contype <> 'n' -- from PostgreSQL 18 on, NOT NULL is a constraint too; the columns tell it
    GROUP BY conrelid
),
index_of AS (
    SELECT
        i.indrelid,
        json_agg(
            json_build_object(
                'name', c.relname,
                'primary', i.indisprimary,
                'unique', i.indisunique,
                'method', m.amname,
                'key_columns', (
                    SELECT json_agg(pg_get_indexdef(i.indexrelid, k, true) ORDER BY k)
                    FROM generate_series(1, i.indnkeyatts) AS k
                ),
                'include_columns', (
                    SELECT coalesce(json_agg(pg_get_indexdef(i.indexrelid, k, true) ORDER BY k), '[]')
                    FROM generate_series(i.indnkeyatts + 1, i.indnatts) AS k
                ),
                'predicate', pg_get_expr(i.indpred, i.indrelid),
                'definition', replace(pg_get_indexdef(i.indexrelid), ' ON ' || current_schema() || '.', ' ON '),
                'reloptions', coalesce(c.reloptions, '{}')
            )
        ) AS list
    FROM pg_index AS i
    JOIN relation AS c ON c.oid = i.indexrelid
    JOIN pg_am AS m ON m.oid = c.relam
    GROUP BY i.indrelid
)
SELECT json_build_object(
    'alembic_head', (SELECT version_num FROM alembic_version),
    'tables', (
        SELECT json_object_agg(
            r.relname,
            json_build_object(
                'columns', column_of.list,
                'constraints', coalesce(constraint_of.list, '[]'),
                'indexes', coalesce(index_of.list, '[]'),
                'reloptions', (
                    SELECT coalesce(json_object_agg(option_name, option_value), '{}')
                    FROM pg_options_to_table(r.reloptions)
                ),
                'persistence', CASE r.relpersistence WHEN 'p' THEN 'permanent' ELSE r.relpersistence::text END
            )
        )
        FROM relation AS r
        JOIN column_of ON column_of.attrelid = r.oid
        LEFT JOIN constraint_of ON constraint_of.conrelid = r.oid
        LEFT JOIN index_of ON index_of.indrelid = r.oid
        WHERE r.relkind IN ('r', 'p', 'f')
    ),
    'sequences', (
        SELECT json_object_agg(
            r.relname,
            json_build_object(
                'type', format_type(s.seqtypid, NULL),
                'start', s.seqstart,
                'min', s.seqmin,
                'max', s.seqmax,
                'increment', s.seqincrement,
                'cycle', s.seqcycle,
                'cache', s.seqcache,
                'owned_by', (
                    SELECT o.relname || '.' || a.attname
                    FROM pg_depend AS d
                    JOIN pg_class AS o ON o.oid = d.refobjid
                    JOIN pg_attribute AS a ON a.attrelid = o.oid AND a.attnum = d.refobjsubid
                    WHERE d.classid = 'pg_class'::regclass
                        AND d.refclassid = 'pg_class'::regclass
                        AND d.objid = r.oid
                        AND d.deptype IN ('a', 'i')
                )
            )
        )
        FROM relation AS r
        JOIN pg_sequence AS s ON s.seqrelid = r.oid
    ),
    'composite_types', (
        SELECT json_object_agg(r.relname, (
            SELECT json_agg(
                json_build_object('name', attname, 'type', format_type(atttypid, atttypmod)) ORDER BY attnum
            )
            FROM pg_attribute
            WHERE attrelid = r.oid AND attnum > 0 AND NOT attisdropped
        ))
        FROM relation AS r
        WHERE r.relkind = 'c'
    ),
    'functions', (
        SELECT json_agg(
            json_build_object(
                'name', p.proname,
                'arguments', pg_get_function_arguments(p.oid),
                'result', pg_get_function_result(p.oid),
                'language', l.lanname,
                'volatility', CASE p.provolatile WHEN 'v' THEN 'volatile' ELSE p.provolatile::text END,
                'security_definer', p.prosecdef,
                'strict', p.proisstrict
            )
        )
        FROM pg_proc AS p
        JOIN pg_language AS l ON l.oid = p.prolang
        JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname = current_schema()
    ),
    'enums', (
        SELECT coalesce(json_agg(t.typname), '[]')
        FROM pg_type AS t
        JOIN pg_namespace AS n ON n.oid = t.typnamespace
        WHERE n.nspname = current_schema() AND t.typtype = 'e'
    ),
    'views', (SELECT coalesce(json_agg(relname), '[]') FROM relation WHERE relkind IN ('v', 'm')),
    'triggers', (
        SELECT coalesce(json_agg(t.tgname), '[]')
        FROM pg_trigger AS t
        JOIN relation AS r ON r.oid = t.tgrelid
        WHERE NOT t.tgisinternal
    ),
    'extensions', (SELECT json_agg(extname) FROM pg_extension)
)::text AS document
