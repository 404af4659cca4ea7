/** How far the writers have come, as the bus knows it. */
export type BusState = {
  /** The greatest log number that was given out: every event up to it is accepted. */
  readonly acceptedPosition: number;
  /** Everything up to this log number is settled: in the graph, refused, or known to be lost. */
  readonly throughPosition: number;
  /** Age of the oldest event that waits; 0 where none does. */
  readonly lagSeconds: number;
  /** Events that the writers refused and nobody has decided about. */
  readonly deadLettered: number;
  /** Events that were lost before the writers saw them. */
  readonly gaps: number;
};

/** Asked once for each request that wants to know. */
export type ReadBusState = () => Promise<BusState>;
