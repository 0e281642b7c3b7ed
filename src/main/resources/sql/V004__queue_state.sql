-- What operators said about queues, by name: a logical queue (faas-request) or one function's (Q.NAMESPACE.FUNCTION).
-- A queue that nobody said anything about has no row.
CREATE TABLE IF NOT EXISTS queue_state (
    queue       CHARACTER VARYING(200) NOT NULL PRIMARY KEY,
    paused      BOOLEAN NOT NULL,
    concurrency INTEGER,
    changed_at  BIGINT NOT NULL
);
