-- What functions answered, while it is kept. A call that was answered with nothing but a status has no row here.
CREATE TABLE IF NOT EXISTS result (
    call_no     BIGINT NOT NULL PRIMARY KEY,
    generation  INTEGER NOT NULL,
    finished_at BIGINT NOT NULL,
    size        BIGINT NOT NULL,
    kept        BIGINT NOT NULL,
    headers     CHARACTER VARYING NOT NULL,
    body        BINARY VARYING(1048576)
);

-- Everything that retention asks is answered from this index: it reads no bodies.
CREATE INDEX IF NOT EXISTS result_oldest ON result (finished_at, call_no, kept);

-- Calls that are counted although their rows are gone, so that the states still add up to what was accepted.
CREATE TABLE IF NOT EXISTS forgotten_call (
    queue     CHARACTER VARYING NOT NULL,
    function  CHARACTER VARYING(63) NOT NULL,
    namespace CHARACTER VARYING(63) NOT NULL,
    state     CHARACTER VARYING(16) NOT NULL,
    calls     BIGINT NOT NULL,
    PRIMARY KEY (queue, function, namespace, state)
);

-- Lists are newest first, a page at a time; each of these gives a page without sorting.
CREATE INDEX IF NOT EXISTS async_call_newest ON async_call (submitted_at DESC, call_no DESC);
CREATE INDEX IF NOT EXISTS async_call_of_function ON async_call (function, submitted_at DESC, call_no DESC);
CREATE INDEX IF NOT EXISTS async_call_in_state ON async_call (state, submitted_at DESC, call_no DESC);
