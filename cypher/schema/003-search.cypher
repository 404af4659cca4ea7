// purpose: full-text search and counts by type and time. Each index costs every write, so there are three: names and messages, the keys
// of the few things that are known by their URL (prefixes of all other keys are found by the uniqueness constraints),
// and the log by type and effective time, from which the statistics are counted without reading an event. The full-text indexes are
// kept up to date in the background, so that a commit of a transaction never waits for them: a search sees a write moments later.
// params: -
// returns: -
CREATE FULLTEXT INDEX search_names IF NOT EXISTS
FOR (n:Commit|Build|Artifact|Package|PackageVersion|Resource|Deployment|Workflow|Environment|Service|Document|Vulnerability)
ON EACH [n.name, n.namespace, n.message, n.summary]
OPTIONS {indexConfig: {`fulltext.analyzer`: 'standard-no-stop-words', `fulltext.eventually_consistent`: true}};
CREATE FULLTEXT INDEX search_keys IF NOT EXISTS
FOR (n:Repository|Builder|Identity|Agent)
ON EACH [n.key]
OPTIONS {indexConfig: {`fulltext.analyzer`: 'standard-no-stop-words', `fulltext.eventually_consistent`: true}};
CREATE INDEX event_type_at IF NOT EXISTS FOR (n:Event) ON (n.type, n.at);
