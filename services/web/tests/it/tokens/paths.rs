//! Strange paths never reach another rule, or another creditor.

use super::{Asking, OWN};

/// What may come of a request that must not succeed.
const HARMLESS: [u16; 5] = [400, 401, 403, 404, 405];

/// The status of the answer, or of the one to which it leads: a slash is added only once.
async fn status(asking: &Asking, method: &str, path: &str, token: &str) -> u16 {
    let send = async |path: &str| {
        let text = format!("{method} {path} HTTP/1.1\r\nHost: a\r\n{token}Connection: close\r\n\r\n");
        asking.web.send_raw(text.as_bytes()).await
    };
    let answer = send(path).await;
    if answer.status != 308 {
        return answer.status;
    }
    send(answer.header("location").unwrap().strip_prefix("http://a").unwrap()).await.status
}

#[actix_web::test]
async fn strange_paths() {
    let asking = Asking::start();
    asking.issuer.grant("own", &format!("creditors:{OWN}"), "access");
    asking.issuer.grant("reader", "creditors-superuser", "access.readonly");
    let paths = [
        // Public rules, borrowed.
        "/creditors/4294967297/wallet/.public",
        "/creditors/4294967297/wallet.public",
        "/creditors/4294967297/wallet-public",
        "/creditors/4294967297/wallet;public",
        "/creditors/4294967297/wallet?x=/health/check/public",
        "/creditors/4294967297/wallet#/health/check/public",
        "/creditors/health/check/public/../../../4294967297/wallet",
        "/creditors/.docs/../4294967297/wallet",
        "/creditors/.docs/%2e%2e/4294967297/wallet",
        "/creditors/.docs%2f..%2f4294967297%2fwallet",
        // Another creditor by detours.
        "/creditors/4294967296/../4294967297/wallet",
        "/creditors/4294967296/%2e%2e/4294967297/wallet",
        "/creditors/4294967296%2f..%2f4294967297/wallet",
        "/creditors//4294967297/wallet",
        "/creditors/4294967297//wallet",
        "//creditors/4294967297/wallet",
        "/creditors/%34294967297/wallet",
        "/creditors/4294967297%2fwallet",
        "/creditors/4294967297;4294967296/wallet",
        "/creditors/4294967297\\wallet",
        "/creditors/4294967296,4294967297/wallet",
        "/creditors/4294967297%00/wallet",
        "/creditors/4294967297%20/wallet",
        "/creditors/04294967297/wallet",
        "/creditors/+4294967297/wallet",
        "/creditors/4294967297/wallet%20",
        "http://a/creditors/4294967297/wallet",
    ];
    for path in paths {
        for token in ["", "Authorization: Bearer own\r\n", "Authorization: Bearer reader\r\n"] {
            for method in ["GET", "POST", "DELETE", "PATCH"] {
                // Who may read everything may do so by detours.
                if method == "GET" && token.contains("reader") {
                    continue;
                }
                let status = status(&asking, method, path, token).await;
                assert!(HARMLESS.contains(&status), "{method} {path} {token}: {status}");
            }
        }
    }
}

#[actix_web::test]
async fn endings_of_paths_do_not_lower_what_is_needed() {
    let asking = Asking::start();
    // The scope of lookups is not enough for changes whose path is made to look like a lookup.
    asking.issuer.grant("reader", &format!("creditors:{OWN}"), "access.readonly activate deactivate");
    let id = "123e4567-e89b-12d3-a456-426655440000";
    let paths = [
        format!("/creditors/{OWN}/transfers/{id}?x=account-lookup"),
        format!("/creditors/{OWN}/transfers/?/lookup"),
        format!("/creditors/{OWN}/accounts/#-lookup"),
        format!("/creditors/{OWN}/accounts/?.activate"),
        format!("/creditors/{OWN}/transfers/{id}/reserve"),
        format!("/creditors/{OWN}/transfers/{id}%2flookup"),
        format!("/creditors/{OWN}/accounts/-lookup"),
    ];
    for path in paths {
        for method in ["POST", "DELETE", "PATCH"] {
            let status = status(&asking, method, &path, "Authorization: Bearer reader\r\n").await;
            assert!(HARMLESS.contains(&status), "{method} {path}: {status}");
        }
    }
}
