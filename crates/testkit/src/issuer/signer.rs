//! Signed tokens (RFC 7515), good ones and others.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    rsa::PublicKeyComponents,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
        Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
    },
};
use serde_json::{Value, json};

/// Made for tests: it protects nothing.
const RSA_KEY: &[u8] = include_bytes!("rsa-2048.pk8");

/// Signs tokens with one key.
pub struct Signer {
    name: String,
    algorithm: &'static str,
    key: Key,
}

enum Key {
    Rsa(Box<RsaKeyPair>, &'static dyn RsaEncoding),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

/// Keys of tests can always be made.
type Made<T> = Result<T, ring::error::KeyRejected>;

impl Signer {
    /// A key with that name, for `RS256`, `PS256` (always the same key), `ES256`, `ES384` or `EdDSA` (a new one).
    pub fn new(name: &str, algorithm: &'static str) -> anyhow::Result<Self> {
        let key = match algorithm {
            "RS256" => Key::Rsa(Box::new(rsa().map_err(refused)?), &RSA_PKCS1_SHA256),
            "PS256" => Key::Rsa(Box::new(rsa().map_err(refused)?), &RSA_PSS_SHA256),
            "ES256" => Key::Ec(elliptic(&ECDSA_P256_SHA256_FIXED_SIGNING)?),
            "ES384" => Key::Ec(elliptic(&ECDSA_P384_SHA384_FIXED_SIGNING)?),
            "EdDSA" => Key::Ed(edwards()?),
            other => anyhow::bail!("nobody signs with {other} here"),
        };
        Ok(Self { name: name.to_owned(), algorithm, key })
    }

    /// The public key (RFC 7517).
    pub fn jwk(&self) -> Value {
        let (kid, alg) = (&self.name, self.algorithm);
        match &self.key {
            Key::Rsa(pair, _) => {
                let PublicKeyComponents::<Vec<u8>> { n, e } = pair.public().into();
                json!({"kty": "RSA", "kid": kid, "alg": alg, "use": "sig", "n": encode(&n), "e": encode(&e)})
            }
            Key::Ec(pair) => {
                let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
                let (x, y) = point.split_at(point.len() / 2);
                let curve = if alg == "ES256" { "P-256" } else { "P-384" };
                json!({"kty": "EC", "crv": curve, "kid": kid, "alg": alg, "x": encode(x), "y": encode(y)})
            }
            Key::Ed(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "alg": alg, "x": encode(pair.public_key().as_ref())})
            }
        }
    }

    /// The head of an access token that this key signs (RFC 9068).
    pub fn head(&self) -> Value {
        json!({"typ": "at+jwt", "alg": self.algorithm, "kid": self.name})
    }

    /// A signed token with this head, right or wrong, and these claims.
    pub fn sign(&self, head: &Value, claims: &Value) -> String {
        token(head, claims, |message| self.signature(message))
    }

    fn signature(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.key {
            Key::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let done = pair.sign(*encoding, &random, message, &mut signature);
                done.map(|()| signature).unwrap_or_default()
            }
            Key::Ec(pair) => pair.sign(&random, message).map(|it| it.as_ref().to_vec()).unwrap_or_default(),
            Key::Ed(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }
}

/// A token with this signature.
pub fn token(head: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let message = format!("{}.{}", encode(head.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
    let signature = encode(&sign(message.as_bytes()));
    format!("{message}.{signature}")
}

/// The three parts of a token.
pub fn parts(token: &str) -> Option<[&str; 3]> {
    token.split('.').collect::<Vec<_>>().try_into().ok()
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn rsa() -> Made<RsaKeyPair> {
    RsaKeyPair::from_pkcs8(RSA_KEY)
}

fn elliptic(algorithm: &'static EcdsaSigningAlgorithm) -> anyhow::Result<EcdsaKeyPair> {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).or(Err(anyhow::anyhow!("no randomness")))?;
    EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).map_err(refused)
}

fn edwards() -> anyhow::Result<Ed25519KeyPair> {
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).or(Err(anyhow::anyhow!("no randomness")))?;
    Ed25519KeyPair::from_pkcs8(document.as_ref()).map_err(refused)
}

fn refused(rejected: ring::error::KeyRejected) -> anyhow::Error {
    anyhow::anyhow!("the key is not accepted: {rejected}")
}
