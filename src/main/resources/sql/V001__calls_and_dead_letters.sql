-- Times are milliseconds since 1970 UTC: half the size of a time stamp with zone and cheaper to read.

-- One row per asynchronous call. The primary key grows, so new rows go to one end of the table; only the unique index
-- is in random order, and a UUID keeps it small. An id that is no UUID is hashed to one and kept in call_text.
CREATE TABLE IF NOT EXISTS async_call (
    call_no         BIGINT NOT NULL PRIMARY KEY,
    call_id         UUID NOT NULL,
    call_text       CHARACTER VARYING(64),
    queue           CHARACTER VARYING NOT NULL,
    function        CHARACTER VARYING(63) NOT NULL,
    namespace       CHARACTER VARYING(63) NOT NULL,
    generation      INTEGER NOT NULL,
    begun           INTEGER NOT NULL,
    settled         INTEGER NOT NULL,
    state           CHARACTER VARYING(16) NOT NULL,
    reason          CHARACTER VARYING(32),
    status_code     INTEGER NOT NULL,
    replays         INTEGER NOT NULL,
    submitted_at    BIGINT NOT NULL,
    next_attempt_at BIGINT,
    started_at      BIGINT,
    finished_at     BIGINT,
    took_micros     BIGINT,
    excerpt         CHARACTER VARYING
);

CREATE UNIQUE INDEX IF NOT EXISTS async_call_id ON async_call (call_id);

-- Every attempt that failed. The one that succeeded stands in its call's row: most calls need no row here.
CREATE TABLE IF NOT EXISTS attempt (
    call_no     BIGINT NOT NULL,
    generation  INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    started_at  BIGINT NOT NULL,
    took_micros BIGINT NOT NULL,
    status_code INTEGER NOT NULL,
    error       CHARACTER VARYING,
    excerpt     CHARACTER VARYING,
    PRIMARY KEY (call_no, generation, number)
);

CREATE TABLE IF NOT EXISTS dead_letter (
    id             CHARACTER VARYING(96) NOT NULL PRIMARY KEY,
    call_text      CHARACTER VARYING(64) NOT NULL,
    generation     INTEGER NOT NULL,
    queue          CHARACTER VARYING NOT NULL,
    physical_queue CHARACTER VARYING NOT NULL,
    function       CHARACTER VARYING(63) NOT NULL,
    namespace      CHARACTER VARYING(63) NOT NULL,
    reason         CHARACTER VARYING(32) NOT NULL,
    status_code    INTEGER NOT NULL,
    error          CHARACTER VARYING,
    fingerprint    CHARACTER VARYING(32) NOT NULL,
    attempts       INTEGER NOT NULL,
    submitted_at   BIGINT NOT NULL,
    dead_at        BIGINT NOT NULL,
    size           BIGINT NOT NULL,
    content_type   CHARACTER VARYING,
    replays        INTEGER NOT NULL,
    message_id     CHARACTER VARYING
);

CREATE INDEX IF NOT EXISTS dead_letter_newest ON dead_letter (dead_at DESC, id DESC);

-- What is heavy about a letter, apart from it, so that lists and counts do not read bodies.
CREATE TABLE IF NOT EXISTS dead_letter_content (
    id             CHARACTER VARYING(96) NOT NULL PRIMARY KEY,
    headers        CHARACTER VARYING NOT NULL,
    history        CHARACTER VARYING NOT NULL,
    body           BINARY VARYING(65536),
    body_reference CHARACTER VARYING
);
