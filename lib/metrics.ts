import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { METRICS } from '../lambda/metrics';

/** A metric that the vending function `vend` measures, of all its credentials. */
export function ownMetric(vend: IFunction, metricName: string, options: MetricOptions = {}): Metric {
  return new Metric({
    namespace: METRICS.namespace,
    metricName,
    dimensionsMap: { service: vend.functionName },
    ...options,
  });
}
