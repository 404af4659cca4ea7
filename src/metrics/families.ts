import type { Metric } from 'prom-client';

type Labels = Readonly<Record<string, string | number>>;
type Value = {
  readonly labels: Labels;
  readonly value: number;
  /** Where it is not that of the family: `…_bucket`, `…_sum`, `…_count`. */
  readonly metricName?: string;
};

/** Series of one name that are kept elsewhere, as they are at one moment. */
export type Family = {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly values: readonly Value[];
};

export type HistogramValue = {
  readonly labels: Labels;
  /** How many were at most as large as the bound of the same place, and larger than the bound before; one more for the rest. */
  readonly counts: readonly number[];
  readonly sum: number;
};

/** Histograms as Prometheus has them: each bucket counts those below it as well. */
export function histogramValues(
  name: string,
  bounds: readonly number[],
  histograms: readonly HistogramValue[],
): Value[] {
  return histograms.flatMap(({ labels, counts, sum }) => {
    let count = 0;
    const buckets = [...bounds, '+Inf'].map((le, at) => {
      count += counts[at] ?? 0;
      return { labels: { ...labels, le }, value: count, metricName: `${name}_bucket` };
    });
    return [
      ...buckets,
      { labels, value: sum, metricName: `${name}_sum` },
      { labels, value: count, metricName: `${name}_count` },
    ];
  });
}

/** Of what a metric is, the library asks for its name and its values only. */
export function toMetric({ name, help, type, values }: Family): Metric {
  const metric = { name, get: async () => Promise.resolve({ name, help, type, values }) };
  return metric as unknown as Metric;
}
