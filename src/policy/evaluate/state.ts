import type { Discovery } from '../../model/index.ts';
import { podPointer } from '../dialects/native/pods.ts';
import type { Binding } from '../form.ts';
import { type BlockFilter, exceptionsTo, overrides, passesBlocks } from '../match/blocks.ts';
import { type Filter, type FilterAnswer, passesFilter } from '../match/filter.ts';
import type { MatchAnswer, MatchedResource, MatchResources } from '../match/match.ts';
import { matches } from '../match/match.ts';
import type { NamespaceLabels } from '../match/namespaces.ts';
import type { GroupVersionResource } from '../match/rules.ts';
import type { AdmissionRequest } from '../request.ts';
import type { ParamSource } from './params.ts';
import { type Malformed, type PodView, viewPod } from './pod.ts';
import type { Stopwatch } from './stopwatch.ts';
import { Vars, type VarsContext } from './vars.ts';

/** What all evaluations of one snapshot share. */
export interface SharedContext extends VarsContext {
  readonly discovery: Discovery;
  readonly namespaceLabels: (name: string) => NamespaceLabels;
  readonly params: ParamSource;
}

/** One request while its policies are evaluated: what several of them need is made once. */
export class RequestState {
  readonly request: AdmissionRequest;
  readonly context: SharedContext;
  readonly deadline: Stopwatch | undefined;
  /** Cost of what was evaluated without a look at the clock. */
  spent = 0;
  readonly #vars = new Map<string, Vars>();
  #plain: Vars | undefined;
  #condition: Map<string, Vars> | undefined;
  #pod: PodView | Malformed | null | undefined;

  constructor(request: AdmissionRequest, context: SharedContext, deadline?: Stopwatch) {
    this.request = request;
    this.context = context;
    this.deadline = deadline;
  }

  matches(match: MatchResources): MatchAnswer {
    return matches(match, this.request, this.context);
  }

  passes(filter: Filter | BlockFilter): FilterAnswer {
    return 'match' in filter
      ? passesBlocks(filter, this.request, this.context)
      : passesFilter(filter, this.request, this.context);
  }

  /** Names of the exceptions that exempt the object from a rule, or why nobody can say. */
  exceptionsTo(filter: BlockFilter): ReturnType<typeof exceptionsTo> {
    return exceptionsTo(filter, this.request, this.context);
  }

  /** The binding with the actions that count in the request's namespace. */
  effective(binding: Binding): Binding {
    const override = binding.overrides?.find((one) => overrides(one, this.request, this.context));
    return override === undefined ? binding : { ...binding, actions: override.actions };
  }

  vars(matched: MatchedResource): Vars {
    if (matched.conversion === 'none' && sameResource(matched.resource, this.request.resource)) {
      this.#plain ??= this.#make(matched, false);
      return this.#plain;
    }
    return this.#cached(this.#vars, matched, false);
  }

  conditionVars(matched: MatchedResource): Vars {
    this.#condition ??= new Map();
    return this.#cached(this.#condition, matched, true);
  }

  #cached(cache: Map<string, Vars>, matched: MatchedResource, condition: boolean): Vars {
    const { resource, kind } = matched;
    const key = `${resource.group}/${resource.version}/${resource.resource} ${kind.group}/${kind.version}/${kind.kind}`;
    let vars = cache.get(key);
    if (vars === undefined) {
      vars = this.#make(matched, condition);
      cache.set(key, vars);
    }
    return vars;
  }

  #make(matched: MatchedResource, condition: boolean): Vars {
    const vars = new Vars(this.request, matched, this.context, condition);
    vars.$deadline = this.deadline;
    return vars;
  }

  /** The pod template the object carries; null when it carries none. */
  get pod(): PodView | Malformed | null {
    if (this.#pod === undefined) {
      const { object, kind } = this.request;
      const pointer = podPointer(kind.group, kind.kind);
      this.#pod = object === null || pointer === undefined ? null : viewPod(object, pointer);
    }
    return this.#pod;
  }
}

/** Plans are shared by requests of one kind, so it is the names that count, not the very object. */
function sameResource(a: GroupVersionResource, b: GroupVersionResource): boolean {
  return a === b || (a.resource === b.resource && a.version === b.version && a.group === b.group);
}
