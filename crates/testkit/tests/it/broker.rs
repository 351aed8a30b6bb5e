use amqp::BrokerUrl;
use creditors_testkit::TestBroker;

#[tokio::test]
async fn a_new_virtual_host_has_only_the_standard_exchanges() {
    let broker = TestBroker::create().await;
    assert!(broker.api().queues().await.unwrap().is_empty());
    let exchanges = broker.api().exchanges().await.unwrap();
    assert!(exchanges.iter().all(|exchange| exchange.name.is_empty() || exchange.name.starts_with("amq.")));
    assert_eq!(broker.api().connection_names().await.unwrap(), Vec::<String>::new());
    assert!(BrokerUrl::parse(broker.url()).is_ok());
}

#[tokio::test]
async fn a_virtual_host_vanishes_with_its_value() {
    let broker = TestBroker::create().await;
    let api = broker.api().clone();
    assert!(api.queues().await.is_ok());
    drop(broker);
    assert!(api.queues().await.is_err());
}
