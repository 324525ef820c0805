/** `argoproj.io/v1alpha1 ApplicationSet`: the Applications that it makes. */
import { asList, field, isMap } from '../values.ts';
import { type Deployment, NotDeployable, refuse, type Surroundings, specOf, textAt } from './deployment.ts';
import { type GeneratorContext, generate } from './generators.ts';
import { fillIn, type Parameters, TemplateError } from './template.ts';

/** Throws NotDeployable. */
export function applicationsOf(deployment: Deployment, around: Surroundings): Deployment[] {
  const spec = specOf(deployment);
  const template = field(spec, 'template');
  if (!isMap(template)) refuse(deployment, '/spec', 'it has no template');
  if (field(spec, 'templatePatch') !== undefined)
    refuse(deployment, '/spec/templatePatch', 'templatePatch is not applied', { reason: 'unsupported' });
  const goTemplate = field(spec, 'goTemplate') === true;
  const context: GeneratorContext = { deployment, around, goTemplate };
  try {
    return asList(field(spec, 'generators')).flatMap((generator, index) =>
      generate(generator, `/spec/generators/${index}`, context).map((parameters) =>
        application(deployment, template, parameters, goTemplate),
      ),
    );
  } catch (error) {
    if (error instanceof NotDeployable || !(error instanceof TemplateError)) throw error;
    return refuse(deployment, '/spec/template', error.message, { reason: 'unsupported' });
  }
}

function application(
  { resource, place, here }: Deployment,
  template: unknown,
  parameters: Parameters,
  goTemplate: boolean,
): Deployment {
  const filled = fillIn(template, parameters, goTemplate);
  const { apiVersion, namespace } = resource.ref;
  const name = textAt(field(filled, 'metadata'), 'name') ?? '';
  const metadata = { ...(field(filled, 'metadata') as object | undefined), namespace };
  return {
    resource: {
      ...resource,
      ref: { apiVersion, kind: 'Application', namespace, name },
      object: { apiVersion, kind: 'Application', metadata, spec: field(filled, 'spec') },
    },
    place: (pointer) => place(pointer.startsWith('/spec') ? `/spec/template${pointer}` : pointer),
    here,
  };
}
