import type { Vocabulary } from '../config/index.ts';
import { SELECTION_KEYS, SETTINGS } from '../policy/index.ts';
import { nearest } from '../policy/nearest.ts';
import { FORMAT_NAMES } from '../report/index.ts';

/** What a configuration may name. */
export const VOCABULARY: Vocabulary = {
  formats: FORMAT_NAMES,
  selectionKeys: SELECTION_KEYS,
  settings: SETTINGS,
  nearest,
};
