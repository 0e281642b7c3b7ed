-- Which call an idempotency key stands for. Scope (namespace, function, key) and request are SHA-256 in hexadecimal:
-- keys may be long, and may be somebody's secret.
CREATE TABLE IF NOT EXISTS idempotency_key (
    scope      CHARACTER VARYING(64) NOT NULL PRIMARY KEY,
    request    CHARACTER VARYING(64) NOT NULL,
    call_text  CHARACTER VARYING(64) NOT NULL,
    sent       BOOLEAN NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS idempotency_key_expiry ON idempotency_key (expires_at);
