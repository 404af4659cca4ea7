// purpose: dead letters that the bus has no room for: in the order of their time, and by log number
// params: -
// returns: -
CREATE CONSTRAINT deadletter_key IF NOT EXISTS FOR (n:DeadLetter) REQUIRE n.key IS UNIQUE;
CREATE INDEX deadletter_n IF NOT EXISTS FOR (n:DeadLetter) ON (n.n);
