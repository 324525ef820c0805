import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { yamlText } from '../report/yaml.ts';

const CONTEXT = 2;

/** A unified diff of two objects as YAML; empty when their YAML is the same. */
export function objectDiff(expected: unknown, actual: unknown): string {
  const [before, after] = [yaml(expected), yaml(actual)];
  if (before === after) return '';
  return createTwoFilesPatch('expected', 'actual', before, after, undefined, undefined, {
    context: CONTEXT,
    headerOptions: FILE_HEADERS_ONLY,
  });
}

/** Nothing at all rather than a word for it. */
function yaml(value: unknown): string {
  return value === undefined ? '' : yamlText(value);
}
