-- Views of the console that somebody has named for all: a place in it, with what is asked there.
CREATE TABLE IF NOT EXISTS shared_view (
    name     CHARACTER VARYING(60) NOT NULL PRIMARY KEY,
    place    CHARACTER VARYING(2000) NOT NULL,
    saved_by CHARACTER VARYING(256) NOT NULL,
    saved_at BIGINT NOT NULL
);

-- What a call that succeeded was sent with, where that is kept; its bytes count as the result's do (kept).
ALTER TABLE result ADD COLUMN IF NOT EXISTS request_headers CHARACTER VARYING;
ALTER TABLE result ADD COLUMN IF NOT EXISTS request_body BINARY VARYING(1048576);

-- Who asks for a call by its id gets its letters at once.
CREATE INDEX IF NOT EXISTS dead_letter_by_call ON dead_letter (call_text);
