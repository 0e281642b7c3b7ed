-- What operators did: who, what, to how many, when. Nothing of a body stands here. Times are milliseconds since 1970 UTC.
CREATE TABLE IF NOT EXISTS audit (
    id          CHARACTER VARYING(36) NOT NULL PRIMARY KEY,
    done_at     BIGINT NOT NULL,
    who         CHARACTER VARYING(256) NOT NULL,
    who_role    CHARACTER VARYING(16) NOT NULL,
    action      CHARACTER VARYING(128) NOT NULL,
    target      CHARACTER VARYING(512) NOT NULL,
    subject     CHARACTER VARYING(512) NOT NULL,
    affected    BIGINT,
    status_code INTEGER NOT NULL,
    node        CHARACTER VARYING(64)
);

CREATE INDEX IF NOT EXISTS audit_order ON audit (done_at, id);
