//! Hand-written statements that are prepared once per connection.
//!
//! Diesel's `sql_query` is parsed and planned anew at each call. A [`statement!`] is a query node of its own type, so
//! that its prepared form is cached under that type. Parameters are numbered in the order of the struct's fields, and
//! each is used exactly once in the text; a value needed twice goes through a common table expression.

/// Declares a statement as a struct of its parameters; see the module's documentation.
///
/// ```text
/// statement! {
///     /// Deletes outbox rows.
///     pub struct Delete { ctids: Vec<String> => Array<Text> }
///     "DELETE FROM prepare_transfer_signal WHERE ctid = ANY($1::text[]::tid[])"
/// }
/// statement! {
///     /// Draws numbers.
///     pub struct Draw { n: i64 => BigInt } returns (BigInt,)
///     "SELECT nextval('object_update_id_seq') FROM generate_series(1, $1)"
/// }
/// ```
macro_rules! statement {
    (
        $(#[$doc:meta])*
        $vis:vis struct $name:ident { $($field:ident : $rust:ty => $sql:ty),* $(,)? }
        $(-> $out:ty;)?
        $text:expr
    ) => {
        $(#[$doc])*
        #[derive(Debug)]
        $vis struct $name {
            $($vis $field: $rust),*
        }

        impl ::diesel::query_builder::QueryFragment<::diesel::pg::Pg> for $name {
            fn walk_ast<'b>(
                &'b self,
                #[allow(unused_mut, reason = "a statement without parameters does not change it")]
                mut out: ::diesel::query_builder::AstPass<'_, 'b, ::diesel::pg::Pg>,
            ) -> ::diesel::QueryResult<()> {
                #[allow(unused_imports, reason = "statements use different types")]
                use ::diesel::sql_types::*;
                #[allow(unused_mut, reason = "a statement without parameters has one part")]
                let mut parts = ($text).split('$');
                out.push_sql(parts.next().unwrap_or_default());
                $(
                    out.push_bind_param::<$sql, _>(&self.$field)?;
                    out.push_sql($crate::sql::after_number(parts.next().unwrap_or_default()));
                )*
                debug_assert!(parts.next().is_none(), "more placeholders than parameters in {}", stringify!($name));
                Ok(())
            }
        }

        impl ::diesel::query_builder::QueryId for $name {
            type QueryId = Self;
            const HAS_STATIC_QUERY_ID: bool = true;
        }

        $(
            const _: () = {
                #[allow(unused_imports, reason = "statements use different types")]
                use ::diesel::sql_types::*;
                impl ::diesel::query_builder::Query for $name {
                    type SqlType = $out;
                }
            };
        )?
    };
}

pub(crate) use statement;

/// What follows a placeholder's number.
pub(crate) fn after_number(part: &'static str) -> &'static str {
    part.trim_start_matches(|c: char| c.is_ascii_digit())
}
