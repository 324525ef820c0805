import type { Program } from './program.ts';

/** A program that is compiled when it is first looked at: most messages of a policy are never asked for. */
export function deferred(make: () => Program): Program {
  let made: Program | undefined;
  const program = (): Program => {
    made ??= make();
    return made;
  };
  return {
    get ast() {
      return program().ast;
    },
    get outputType() {
      return program().outputType;
    },
    get issues() {
      return program().issues;
    },
    get plan() {
      return program().plan;
    },
    packed: () => program().packed(),
    evaluate: (vars, limit, deadline) => program().evaluate(vars, limit, deadline),
  };
}
