import { expect, test } from '@jest/globals';
import { synthesised } from './synth';

test('a hundred alarms are what the dashboard shows in one widget, and many credentials have more', () => {
  const names = Array.from({ length: 20 }, (_, i) => [`c${i}`, {}]);
  const many = synthesised({ 'fiskil:credentials': Object.fromEntries(names) });
  const { DashboardBody } = Object.values(many.findResources('AWS::CloudWatch::Dashboard'))[0]?.Properties ?? {};
  // Each Ref and GetAtt as a text of its own, so that the rest is JSON again.
  const parts: unknown[] = DashboardBody['Fn::Join'][1];
  const body = JSON.parse(parts.map((part) => (typeof part === 'string' ? part : 'x')).join(''));
  const shown = body.widgets.filter(({ type }: { type: string }) => type === 'alarm');
  expect(shown.map(({ properties }: { properties: { alarms: string[] } }) => properties.alarms.length)).toEqual([
    100, 45,
  ]);
  expect(Object.keys(many.findResources('AWS::CloudWatch::Alarm'))).toHaveLength(145);
});
