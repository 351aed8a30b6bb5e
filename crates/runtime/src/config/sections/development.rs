//! What developers need. It is applied to the other variables before they are read, so there is nothing to read here.

use crate::config::Kind;
use crate::config::variable::variables;

variables! {
    Development {
        SUBSTITUTE_LOCALHOST = "SUBSTITUTE_LOCALHOST_IN_VARS", Kind::Text,
            "for development: names of variables in which `localhost` becomes the container's default gateway";
    }
}
