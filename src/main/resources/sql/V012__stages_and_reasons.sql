-- The sizes of the stages in which a bulk replay goes, as '1,10,100'; '0' for all at once. How many it has passed.
ALTER TABLE job ALTER COLUMN canaries SET DATA TYPE CHARACTER VARYING(128);
ALTER TABLE job ADD COLUMN IF NOT EXISTS stages_passed INTEGER DEFAULT 0 NOT NULL;

-- When it may begin, how many of its calls may be under way at once (0 for any), whether it leaves out what came back.
ALTER TABLE job ADD COLUMN IF NOT EXISTS start_at BIGINT;
ALTER TABLE job ADD COLUMN IF NOT EXISTS max_in_flight INTEGER DEFAULT 0 NOT NULL;
ALTER TABLE job ADD COLUMN IF NOT EXISTS skip_replayed BOOLEAN DEFAULT FALSE NOT NULL;

-- Why an operator did it, in the operator's words, and what was before and after.
ALTER TABLE audit ADD COLUMN IF NOT EXISTS reason CHARACTER VARYING(512);
ALTER TABLE audit ADD COLUMN IF NOT EXISTS value_before CHARACTER VARYING(256);
ALTER TABLE audit ADD COLUMN IF NOT EXISTS value_after CHARACTER VARYING(256);

-- What was different about a replay: the request before and after as JSON to look at, without keys. call_key is async_call's.
CREATE TABLE IF NOT EXISTS call_edit (
    call_key       UUID NOT NULL,
    generation     INTEGER NOT NULL,
    edited_at      BIGINT NOT NULL,
    request_before CHARACTER VARYING NOT NULL,
    request_after  CHARACTER VARYING NOT NULL,
    PRIMARY KEY (call_key, generation)
);

CREATE INDEX IF NOT EXISTS call_edit_oldest ON call_edit (edited_at);
