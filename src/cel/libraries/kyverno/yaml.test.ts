import { describe } from 'node:test';
import { fails, holds, refuses } from './testing.ts';

describe('yaml.parse', () => {
  holds([
    'yaml.parse(\'{"a": [1, null]}\').a == [dyn(1), dyn(null)]',
    // As encoding/json reads them.
    "type(yaml.parse('1')) == double",
  ]);
  fails({ "yaml.parse('{')": 'error converting YAML to JSON' });
  refuses({ 'yaml.parse(1)': "found no matching overload for 'parse' applied to 'yaml.Yaml.(int)'" });
});
