//! Rows as JSON.

use tokio_postgres::{
    Client, SimpleQueryMessage,
    types::{Kind, Type},
};

use super::exact::Exact;

/// The names of the columns, and the rows.
pub(crate) async fn rows(client: &Client, query: &str) -> (Vec<String>, Vec<Vec<Exact>>) {
    let statement = client.prepare(query).await.unwrap();
    let columns = statement.columns();
    let messages = client.simple_query(query).await.unwrap();
    let rows = messages.into_iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => {
            let values = columns.iter().enumerate().map(|(index, column)| value(row.get(index), column.type_()));
            Some(values.collect())
        }
        _ => None,
    });
    (columns.iter().map(|column| column.name().to_owned()).collect(), rows.collect())
}

fn value(text: Option<&str>, column: &Type) -> Exact {
    let Some(text) = text else { return Exact::Null };
    match *column {
        Type::BOOL => Exact::Bool(text == "t"),
        Type::INT2 | Type::INT4 | Type::INT8 | Type::FLOAT4 | Type::FLOAT8 | Type::NUMERIC => {
            Exact::Number(text.to_owned())
        }
        Type::TIMESTAMPTZ => Exact::Text(timestamp(text)),
        Type::TEXT | Type::VARCHAR | Type::DATE | Type::UUID => Exact::Text(text.to_owned()),
        ref other if matches!(other.kind(), Kind::Domain(_)) => Exact::Text(text.to_owned()),
        ref other => panic!("values of type {other} are not expected"),
    }
}

/// From PostgreSQL's form, in a session with the time zone UTC, to the API's.
fn timestamp(text: &str) -> String {
    let (date, time) = text.split_once(' ').unwrap();
    let time = time.strip_suffix("+00").unwrap();
    match time.split_once('.') {
        Some((seconds, fraction)) => format!("{date}T{seconds}.{fraction:0<6}+00:00"),
        None => format!("{date}T{time}+00:00"),
    }
}
