/** What a change makes of rendered objects: those of today beside those of the commit that it is compared with. */
import { isDeepStrictEqual } from 'node:util';
import type { RenderInput } from '../model/index.ts';
import type { RenderedObject, Rendering } from '../render/index.ts';
import type { Making } from './makings.ts';
import type { ScanOptions } from './options.ts';
import { renderBefore } from './render-before.ts';
import type { Renderer, RendererSettings } from './renderer.ts';

/** The same renderer, that knows which objects are as they were. */
export function comparedRenderer(
  renderer: Renderer,
  options: ScanOptions,
  settings: RendererSettings,
): Renderer {
  let exact: readonly Making[] | undefined;
  return {
    ...renderer,
    async render(facts) {
      const now = await renderer.render(facts);
      const then = await renderBefore(now, facts, options, settings);
      if (then === undefined) return now;
      // What could not be rendered then may have been anything.
      if (then.every(({ problems }) => problems.length === 0)) exact = changedObjects(now, then);
      return withUnchanged(now, then);
    },
    makings: () => exact ?? renderer.makings(),
    isExact: () => exact !== undefined,
  };
}

function withUnchanged(now: readonly Rendering[], then: readonly Rendering[]): Rendering[] {
  const before = objectsOf(then);
  return now.map((rendering) => ({
    ...rendering,
    objects: rendering.objects.map((object) =>
      isAmong(before, rendering, object) ? { ...object, unchanged: true } : object,
    ),
  }));
}

/** What came, went, or is not as it was. */
function changedObjects(now: readonly Rendering[], then: readonly Rendering[]): Making[] {
  const [today, before] = [objectsOf(now), objectsOf(then)];
  const differing = (some: readonly Rendering[], others: Objects) =>
    some.flatMap((rendering) => rendering.objects.filter((object) => !isAmong(others, rendering, object)));
  return [
    ...differing(now, before).map(({ resource, inputs }) => ({ kinds: [resource.ref.kind], inputs })),
    // Lines of then are none of today's: what became of the whole file counts.
    ...differing(then, today).map(({ resource, inputs }) => ({
      kinds: [resource.ref.kind],
      inputs: inputs.map(
        (input): RenderInput => (input.part === 'object' ? { file: input.file, part: 'file' } : input),
      ),
    })),
  ];
}

type Objects = ReadonlyMap<string, readonly RenderedObject[]>;

function objectsOf(renderings: readonly Rendering[]): Objects {
  const found = new Map<string, RenderedObject[]>();
  for (const rendering of renderings)
    for (const object of rendering.objects) {
      const key = keyOf(rendering, object);
      found.set(key, [...(found.get(key) ?? []), object]);
    }
  return found;
}

function isAmong(objects: Objects, rendering: Rendering, object: RenderedObject): boolean {
  const same = objects.get(keyOf(rendering, object)) ?? [];
  return same.some(({ resource }) => isDeepStrictEqual(resource.object, object.resource.object));
}

/** Of one way in which something is deployed. */
function keyOf({ environment, namespace = '' }: Rendering, { resource: { ref } }: RenderedObject): string {
  return JSON.stringify([environment, ref.apiVersion, ref.kind, ref.namespace || namespace, ref.name]);
}
