/** Random objects drawn from the schema of their kind, so that every field a policy may read is sometimes there. */
import type { FieldSchema, JsonMap } from '../../src/model/index.ts';
import type { Random } from '../cel/generator/random.ts';

/** What strings under some names are: the values that rules tell apart, and others. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  image: ['nginx', 'nginx:latest', 'registry.example/web:1.2', 'mirror.example/db:v3', 'Bad Image'],
  restartPolicy: ['Always', 'OnFailure', 'Never'],
  type: ['ClusterIP', 'LoadBalancer', 'NodePort', 'ExternalName'],
  host: ['a.example', '*.example', ''],
  schedule: ['* * * * *', '5 4 * * *', '@daily'],
  drop: ['ALL', 'NET_RAW', 'KILL'],
  memory: ['1Gi', '2Gi', '128Mi', 'lots'],
  cpu: ['100m', '1', '500m', '0.5'],
  storage: ['1Gi', '20Gi', 'x'],
  team: ['a', 'b', ''],
  app: ['controller', 'web'],
};
const ANY = ['a', 'web', 'long-enough-text', 'A', '', '7'];
const KEYS = ['team', 'app', 'key', 'Key', 'memory', 'cpu', 'storage'];
const MAX_DEPTH = 9;

export function objectOf(schema: FieldSchema, apiVersion: string, kind: string, random: Random): JsonMap {
  const { spec, data, immutable } = drawMap(schema, 0, random) as JsonMap;
  return {
    apiVersion,
    kind,
    metadata: {
      name: random.pick(['web', 'db']),
      namespace: random.pick(['shop', 'prod']),
      ...labels(random),
    },
    ...(spec === undefined ? {} : { spec }),
    ...(data === undefined ? {} : { data }),
    ...(immutable === undefined ? {} : { immutable }),
  };
}

function labels(random: Random): JsonMap {
  if (random.chance(0.3)) return {};
  return {
    labels: Object.fromEntries(
      ['team', 'app'].flatMap((key) => (random.chance(0.6) ? [[key, random.pick(WORDS[key]!)]] : [])),
    ),
  };
}

/** Fields that rules hang on are there more often than the many others. */
const LIKELY = new Set(
  'spec template metadata containers initContainers ephemeralContainers name image securityContext privileged capabilities drop resources limits requests hostNetwork hostPID restartPolicy automountServiceAccountToken ports containerPort hostPort replicas selector matchLabels labels type port targetPort rules host schedule data immutable'.split(
    ' ',
  ),
);

function draw(schema: FieldSchema, name: string, depth: number, random: Random): unknown {
  switch (schema.type) {
    case 'object':
      return drawMap(schema, depth, random);
    case 'map':
      return Object.fromEntries(
        some(random, 2).map(() => {
          const key = random.pick(KEYS);
          return [key, schema.values === undefined ? 'a' : draw(schema.values, key, depth + 1, random)];
        }),
      );
    case 'array':
      return some(random, 2).map(() =>
        schema.items === undefined ? 'a' : draw(schema.items, name, depth + 1, random),
      );
    case 'integer':
      return random.pick([0, 1, 3, 80, 8080, 40000, 6]);
    case 'number':
      return 1;
    case 'boolean':
      return random.chance(0.5);
    case 'int-or-string':
      return random.chance(0.5) ? 80 : random.pick(WORDS[name] ?? ['http', '']);
    default:
      return random.pick(WORDS[name] ?? ANY);
  }
}

function drawMap(schema: FieldSchema, depth: number, random: Random): JsonMap {
  const result: Record<string, unknown> = {};
  for (const name of schema.fieldNames) {
    const field = schema.field(name);
    const likely = LIKELY.has(name);
    if (field === undefined || depth > MAX_DEPTH) continue;
    const wanted = schema.required.includes(name) ? 0.95 : likely ? 0.6 : depth > 3 ? 0.02 : 0.05;
    if (random.chance(wanted)) result[name] = draw(field, name, depth + 1, random);
  }
  return result;
}

function some(random: Random, most: number): readonly undefined[] {
  return Array.from({ length: random.below(most + 1) }, () => undefined);
}
