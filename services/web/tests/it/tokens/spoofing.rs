//! What requests say about their callers besides the token does not count (webapi §2, §13).

use super::{Asking, OWN, WALLET};

/// Headers that a gateway would set, and what others might take for them.
const FORGED: [&str; 12] = [
    "X-Swpt-User-Id: creditors-superuser",
    "x-swpt-user-id: creditors-superuser",
    "X-SWPT-USER-ID: creditors-superuser",
    "X_Swpt_User_Id: creditors-superuser",
    "X-Swpt-User_Id: creditors-superuser",
    "X-Swpt-User-Id: creditors:4294967297\r\nX-Swpt-User-Id: creditors-superuser",
    "X-Swpt-User-Id:",
    "Connection: X-Swpt-User-Id\r\nX-Swpt-User-Id: creditors-superuser",
    "Connection: close, authorization",
    "X-Swpt-Require-Pin: false",
    "X-Forwarded-User: creditors-superuser\r\nForwarded: for=127.0.0.1",
    "X-HTTP-Method-Override: OPTIONS\r\nX-Original-URL: /creditors/health/check/public",
];

async fn raw(asking: &Asking, request_line: &str, headers: &str) -> u16 {
    let text = format!("{request_line} HTTP/1.1\r\nHost: a\r\n{headers}\r\nConnection: close\r\n\r\n");
    asking.web.send_raw(text.as_bytes()).await.status
}

#[actix_web::test]
async fn nobody_gets_in_with_headers_alone() {
    let asking = Asking::start();
    for forged in FORGED {
        for path in [WALLET, "/creditors/.list", "/creditors/4294967296/wallet"] {
            assert_eq!(raw(&asking, &format!("GET {path}"), forged).await, 401, "{path} {forged}");
        }
    }
}

#[actix_web::test]
async fn a_creditor_stays_the_creditor_of_the_token() {
    let asking = Asking::start();
    asking.issuer.grant("t", &format!("creditors:{OWN}"), "access activate deactivate");
    for forged in FORGED {
        let headers = format!("Authorization: Bearer t\r\n{forged}");
        assert_eq!(raw(&asking, &format!("GET {WALLET}"), &headers).await, 303, "{forged}");
        assert_eq!(raw(&asking, "GET /creditors/.list", &headers).await, 403, "{forged}");
        assert_eq!(raw(&asking, "GET /creditors/4294967297/wallet", &headers).await, 403, "{forged}");
    }
}

#[actix_web::test]
async fn broken_requests_are_no_requests() {
    let asking = Asking::start();
    asking.issuer.grant("t", "creditors-superuser", "access");
    let good = format!("GET {WALLET}");
    let broken = [
        // A bare line feed, a folded line, a blank before the colon, a NUL, a smuggled second length.
        "Authorization: Bearer x\n\tBearer t",
        "Authorization : Bearer t",
        "Authorization:\r\n Bearer t",
        "Authorization: Bearer t\0",
        "Authorization: Bearer t\rX: y",
    ];
    for headers in broken {
        let status = raw(&asking, &good, headers).await;
        assert!(matches!(status, 400 | 401), "{headers:?}: {status}");
    }
    assert_eq!(raw(&asking, &good, "Authorization: Bearer t\r\nAuthorization: Bearer t").await, 401);
    assert_eq!(raw(&asking, &good, "Authorization: Bearer x\r\nauthorization: Bearer t").await, 401);
    assert_eq!(raw(&asking, &good, "Cookie: access_token=t").await, 401);
    assert_eq!(raw(&asking, &format!("{good}?access_token=t"), "X: y").await, 401);
    assert_eq!(raw(&asking, &good, "Proxy-Authorization: Bearer t").await, 401);
    assert_eq!(raw(&asking, &good, "Authorization: Bearer t").await, 204);
}

#[actix_web::test]
async fn browsers_of_all_origins_are_welcome() {
    let asking = Asking::start();
    let preflight = [
        ("Origin", "https://wallet.example"),
        ("Access-Control-Request-Method", "PATCH"),
        ("Access-Control-Request-Headers", "authorization"),
    ];
    for path in ["/creditors/4294967296/pin", "/creditors/nope", "/creditors/1/wallet"] {
        let answer = asking.web.send("OPTIONS", path, &preflight).await;
        assert_eq!((answer.status, answer.body.as_str()), (204, ""));
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("access-control-allow-methods"), Some("POST, GET, PUT, PATCH, DELETE"));
        assert_eq!(answer.header("access-control-max-age"), Some("86400"));
        let allowed = answer.header("access-control-allow-headers").unwrap();
        assert!(allowed.starts_with("Authorization, Content-Type, X-Requested-With"), "{allowed}");
        assert_eq!(answer.header("access-control-allow-credentials"), None);
    }
    let origin = preflight[0];
    for (path, status) in [(WALLET, 401), ("/creditors/nope", 404), ("/creditors/health/check/public", 200)] {
        let answer = asking.web.send("GET", path, &[origin]).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (status, Some("*")));
        let exposed = answer.header("access-control-expose-headers").unwrap();
        assert!(exposed.starts_with("Content-Type, Location"), "{exposed}");
        assert_eq!(answer.header("access-control-allow-credentials"), None);
    }
    // An OPTIONS request that is no preflight tells the methods, and needs no token.
    let answer = asking.web.send("OPTIONS", "/creditors/4294967296/pin", &[]).await;
    assert_eq!((answer.status, answer.header("allow")), (200, Some("GET, PATCH, HEAD, OPTIONS")));
    assert_eq!(asking.web.send("OPTIONS", "/creditors/1/pin", &[]).await.status, 404);
}
