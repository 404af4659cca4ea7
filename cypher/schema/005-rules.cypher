// purpose: one statement of the rules that a graph was written under, whoever starts at the same moment
// params: -
// returns: -
CREATE CONSTRAINT rules_key IF NOT EXISTS FOR (n:Rules) REQUIRE n.key IS UNIQUE;
