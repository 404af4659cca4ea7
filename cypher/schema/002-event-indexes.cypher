// purpose: the log is found by log number, type, subject, correlation, causation, workflow and time
// params: -
// returns: -
CREATE INDEX event_n IF NOT EXISTS FOR (n:Event) ON (n.n);
CREATE INDEX event_type IF NOT EXISTS FOR (n:Event) ON (n.type, n.n);
CREATE INDEX event_subject IF NOT EXISTS FOR (n:Event) ON (n.subjectRef, n.n);
CREATE INDEX event_correlation IF NOT EXISTS FOR (n:Event) ON (n.correlationId);
CREATE INDEX event_causation IF NOT EXISTS FOR (n:Event) ON (n.causationId);
CREATE INDEX event_workflow IF NOT EXISTS FOR (n:Event) ON (n.workflowId);
CREATE INDEX event_at IF NOT EXISTS FOR (n:Event) ON (n.at);
CREATE INDEX event_accepted IF NOT EXISTS FOR (n:Event) ON (n.acceptedAt);
