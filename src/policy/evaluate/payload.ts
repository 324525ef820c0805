import type { JsonMap } from '../../model/index.ts';
import type { CompiledPolicy } from '../form.ts';
import type { MatchedResource } from '../match/match.ts';
import type { AdmissionRequest } from '../request.ts';
import type { EvaluationContext } from './context.ts';
import { prepare, type Run, run } from './run.ts';
import { Vars } from './vars.ts';

const NOTHING = { group: '', version: '', kind: '', resource: '' };
const MATCHED: MatchedResource = { resource: NOTHING, kind: NOTHING, conversion: 'none' };

/** What a policy on JSON documents says of one: there is no request, no namespace, and nothing is matched. */
export function reviewPayload(policy: CompiledPolicy, payload: JsonMap, context: EvaluationContext): Run {
  const request: AdmissionRequest = {
    operation: 'CREATE',
    kind: NOTHING,
    resource: NOTHING,
    subresource: '',
    name: '',
    namespace: '',
    userInfo: {},
    dryRun: false,
    options: null,
    object: payload,
    oldObject: null,
    ref: { apiVersion: '', kind: '', namespace: '', name: '' },
  };
  const namespaces = { objects: new Map(), complete: true };
  const vars = new Vars(request, MATCHED, { ...context, namespaces }, false);
  vars.$requestWithObjects = { absent: null, request: {} };
  return run(prepare(policy, policy.code()), vars, vars);
}
