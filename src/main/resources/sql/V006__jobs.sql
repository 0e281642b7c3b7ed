-- A bulk replay: what was asked for. Times are milliseconds since 1970 UTC.
CREATE TABLE IF NOT EXISTS job (
    id          CHARACTER VARYING(36) NOT NULL PRIMARY KEY,
    state       CHARACTER VARYING(16) NOT NULL,
    filter      CHARACTER VARYING NOT NULL,
    rate        DOUBLE PRECISION NOT NULL,
    stop_at     DOUBLE PRECISION NOT NULL,
    forced      BOOLEAN NOT NULL,
    matched     BIGINT NOT NULL,
    note        CHARACTER VARYING,
    created_at  BIGINT NOT NULL,
    finished_at BIGINT
);

-- The letters that matched when it was made, and how far each has come: a job that is interrupted goes on from here.
-- call_key is async_call's, set when the letter is taken.
CREATE TABLE IF NOT EXISTS job_letter (
    job            CHARACTER VARYING(36) NOT NULL,
    letter         CHARACTER VARYING(96) NOT NULL,
    physical_queue CHARACTER VARYING NOT NULL,
    generation     INTEGER NOT NULL,
    state          CHARACTER VARYING(16) NOT NULL,
    call_key       UUID,
    PRIMARY KEY (job, letter)
);

CREATE INDEX IF NOT EXISTS job_letter_left ON job_letter (job, state, physical_queue);
