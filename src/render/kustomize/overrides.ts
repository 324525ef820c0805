import type { JsonMap } from '../../model/index.ts';
import type { Place } from '../rendering.ts';

/** Fields that a deployment puts on top of a kustomization. */
export interface Overrides {
  /** As a kustomization has them. */
  readonly fields: JsonMap;
  /** Where one of them is written. */
  readonly place: (pointer: string) => Place;
}
