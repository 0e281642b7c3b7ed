-- What a search looks through, in lower case: error, headers that are nobody's key, and the body when it is text.
ALTER TABLE dead_letter_content ADD COLUMN IF NOT EXISTS search_text CHARACTER VARYING;

-- Each list is read in its order from one index: the column that is asked for, then newest first.
CREATE INDEX IF NOT EXISTS dead_letter_by_queue ON dead_letter (queue, dead_at DESC, id DESC);

CREATE INDEX IF NOT EXISTS dead_letter_by_function ON dead_letter (function, dead_at DESC, id DESC);

CREATE INDEX IF NOT EXISTS dead_letter_by_reason ON dead_letter (reason, dead_at DESC, id DESC);

CREATE INDEX IF NOT EXISTS dead_letter_by_status ON dead_letter (status_code, dead_at DESC, id DESC);

CREATE INDEX IF NOT EXISTS dead_letter_by_fingerprint ON dead_letter (fingerprint, dead_at DESC, id DESC);

-- Letters that were deleted and may still be restored; apart, so that lists and counts need not skip them. Their
-- content stays where it is.
CREATE TABLE IF NOT EXISTS deleted_letter (
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
    message_id     CHARACTER VARYING,
    deleted_at     BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS deleted_letter_oldest ON deleted_letter (deleted_at);
