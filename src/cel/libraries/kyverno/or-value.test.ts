import { describe } from 'node:test';
import { DYN } from '../../types.ts';
import { fails, holds, refuses } from './testing.ts';

describe('orValue', () => {
  const variables = { object: [DYN, { spec: { replicas: 2 } }] } as const;
  holds(
    [
      'object.spec.?replicas.orValue(1) == 2',
      'object.spec.?paused.orValue(true)',
      'object.spec.replicas.orValue(1) == 2',
      "'x'.orValue('y') == 'x'",
      'null.orValue(1) == null',
      "optional.none().orValue('x') == 'x'",
      'object.?a.?b.or(optional.of(3)).orValue(1) == 3',
    ],
    { variables },
  );
  fails(
    {
      'object.metadata.orValue(1)': 'no such key: metadata',
      // Both sides are evaluated.
      'object.spec.replicas.orValue(1 / 0)': 'division by zero',
    },
    { variables },
  );
  refuses({
    'optional.of(1).orValue()': "found no matching overload for 'orValue' applied to 'optional_type(int).()'",
  });
});
