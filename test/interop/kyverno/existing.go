package main

import (
	"context"
	"slices"

	policiesv1beta1 "github.com/kyverno/api/api/policies.kyverno.io/v1beta1"
	kyvernov1 "github.com/kyverno/kyverno/api/kyverno/v1"
	kyvernov2 "github.com/kyverno/kyverno/api/kyverno/v2"
	mpolbackground "github.com/kyverno/kyverno/pkg/background/mpol"
	mpolengine "github.com/kyverno/kyverno/pkg/cel/policies/mpol/engine"
	"github.com/kyverno/kyverno/pkg/client/clientset/versioned/fake"
	"github.com/kyverno/kyverno/pkg/clients/dclient"
	"github.com/kyverno/kyverno/pkg/event"
	admissionv1 "k8s.io/api/admission/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
)

// newExisting gets a policy on objects that exist ready: the background controller is told of a request, or of none, and
// looks among the question's objects. Each answer holds what became of each object it chose, by `namespace/name`.
func newExisting(q *question) (asked, error) {
	policy := mutatingPolicy(q)
	libraries := q.context()
	provider, err := mutatingProvider(q, policy, libraries)
	if err != nil {
		return nil, err
	}
	// As the background controller has it: what is chosen is not matched again.
	engine := mpolengine.NewEngine(provider, q.namespace, nil, schemas, libraries)
	return func(r *request) answer {
		recorder := &existingRecorder{Engine: engine, result: answer{Rules: []rule{}, Object: map[string]any{}}}
		stored := fake.NewSimpleClientset(policy.DeepCopyObject())
		processor := mpolbackground.NewProcessor(
			&existingClient{objects: q.Objects, namespaces: q}, stored, recorder, q.mapper(), libraries, recorder, event.NewFake(), nil)
		if err := processor.Process(updateRequest(policy, r)); err != nil {
			panic(err)
		}
		return recorder.result
	}, nil
}

func updateRequest(policy policiesv1beta1.MutatingPolicyLike, r *request) *kyvernov2.UpdateRequest {
	update := &kyvernov2.UpdateRequest{Spec: kyvernov2.UpdateRequestSpec{
		Type:   kyvernov2.CELMutate,
		Policy: mpolengine.PolicyKey(policy),
	}}
	if r.Operation != "" {
		update.Spec.Context.AdmissionRequestInfo = kyvernov2.AdmissionRequestInfoObject{
			AdmissionRequest: &r.AdmissionRequest,
			Operation:        r.Operation,
		}
	}
	return update
}

func (q *question) mapper() meta.RESTMapper {
	mapper := meta.NewDefaultRESTMapper(nil)
	for _, k := range q.Kinds {
		scope := meta.RESTScopeRoot
		if k.Namespaced {
			scope = meta.RESTScopeNamespace
		}
		mapper.AddSpecific(k.gvk(), k.gvr(), k.gvr(), scope)
	}
	return mapper
}

// existingRecorder keeps what the engine and the controller said.
type existingRecorder struct {
	mpolengine.Engine
	result answer
}

func (e *existingRecorder) Evaluate(ctx context.Context, attributes admission.Attributes, request admissionv1.AdmissionRequest, predicate mpolengine.Predicate) (mpolengine.EngineResponse, error) {
	response, err := e.Engine.Evaluate(ctx, attributes, request, predicate)
	one := mutatingAnswer(response)
	key := attributes.GetNamespace() + "/" + attributes.GetName()
	for i := range one.Rules {
		one.Rules[i].Name = key
	}
	e.result.Rules = append(e.result.Rules, one.Rules...)
	if one.Object != nil {
		e.result.Object[key] = one.Object
	}
	return response, err
}

func (e *existingRecorder) Failed(_, message string, _ []kyvernov1.ResourceSpec) (*kyvernov2.UpdateRequest, error) {
	e.result.Message = message
	return nil, nil
}

func (e *existingRecorder) Success(string, []kyvernov1.ResourceSpec) (*kyvernov2.UpdateRequest, error) {
	e.result.Allowed = true
	return nil, nil
}

func (e *existingRecorder) Skip(string, []kyvernov1.ResourceSpec) (*kyvernov2.UpdateRequest, error) {
	return nil, nil
}

// existingClient serves the question's objects and stores nothing.
type existingClient struct {
	dclient.Interface
	objects    []*unstructured.Unstructured
	namespaces *question
}

func (c *existingClient) ListResource(_ context.Context, apiVersion, kind, namespace string, selector *metav1.LabelSelector) (*unstructured.UnstructuredList, error) {
	selects := labels.Everything()
	if selector != nil {
		made, err := metav1.LabelSelectorAsSelector(selector)
		if err != nil {
			return nil, err
		}
		selects = made
	}
	list := &unstructured.UnstructuredList{}
	for _, object := range c.all() {
		if object.GetAPIVersion() == apiVersion && object.GetKind() == kind &&
			(namespace == "" || object.GetNamespace() == namespace) && selects.Matches(labels.Set(object.GetLabels())) {
			list.Items = append(list.Items, *object.DeepCopy())
		}
	}
	return list, nil
}

func (c *existingClient) GetResource(_ context.Context, apiVersion, kind, namespace, name string, _ ...string) (*unstructured.Unstructured, error) {
	all := c.all()
	i := slices.IndexFunc(all, func(object *unstructured.Unstructured) bool {
		return object.GetAPIVersion() == apiVersion && object.GetKind() == kind && object.GetNamespace() == namespace && object.GetName() == name
	})
	if i < 0 {
		return nil, apierrors.NewNotFound(schema.GroupResource{Resource: kind}, name)
	}
	return all[i].DeepCopy(), nil
}

func (c *existingClient) UpdateResource(_ context.Context, _, _, _ string, object interface{}, _ bool, _ ...string) (*unstructured.Unstructured, error) {
	return &unstructured.Unstructured{Object: object.(map[string]any)}, nil
}

func (c *existingClient) all() []*unstructured.Unstructured {
	all := slices.Clone(c.objects)
	for _, namespace := range c.namespaces.Namespaces {
		object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(namespace)
		if err != nil {
			panic(err)
		}
		all = append(all, &unstructured.Unstructured{Object: object})
	}
	return all
}
