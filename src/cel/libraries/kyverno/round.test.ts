import { describe } from 'node:test';
import { fails, holds, refuses } from './testing.ts';

describe('math.round with a precision', () => {
  holds([
    'math.round(3.14159, 2) == 3.14',
    'math.round(-2.5, 0) == -3.0',
    'math.round(1234.5, -2) == 1200.0',
    'math.round(2.5) == 3.0',
    'math.greatest(1, 2) == 2',
  ]);
  fails({ 'math.round(dyn(1), 1)': 'no such overload: math.round(int, int)' });
  refuses({
    'math.round(1, 1)': "found no matching overload for 'math.round' applied to '(int, int)'",
  });
});
