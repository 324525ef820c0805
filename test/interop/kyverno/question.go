package main

import (
	"encoding/json"
	"fmt"
	"slices"

	policiesv1beta1 "github.com/kyverno/api/api/policies.kyverno.io/v1beta1"
	celengine "github.com/kyverno/kyverno/pkg/cel/engine"
	"github.com/kyverno/kyverno/pkg/cel/libs"
	engineapi "github.com/kyverno/kyverno/pkg/engine/api"
	"github.com/kyverno/kyverno/pkg/webhooks/handlers"
	admissionv1 "k8s.io/api/admission/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// question is one policy with its surroundings, and requests to it.
type question struct {
	Policy     json.RawMessage                    `json:"policy"`
	Exceptions []*policiesv1beta1.PolicyException `json:"exceptions"`
	// Namespaces are all there are.
	Namespaces []*corev1.Namespace `json:"namespaces"`
	// Objects are all others in the cluster.
	Objects []*unstructured.Unstructured `json:"objects"`
	// Kinds are all the resources the server serves.
	Kinds    []kind    `json:"kinds"`
	Requests []request `json:"requests"`
}

type kind struct {
	metav1.GroupVersionKind
	Resource   string `json:"resource"`
	Namespaced bool   `json:"namespaced"`
}

// request is what the API server sends; of a JSON document only Payload is there.
type request struct {
	admissionv1.AdmissionRequest
	Payload      json.RawMessage `json:"payload"`
	Roles        []string        `json:"roles"`
	ClusterRoles []string        `json:"clusterRoles"`
}

// answer is what the engine and the webhook made of a request.
type answer struct {
	// Rules of all readings of the policy that matched.
	Rules    []rule   `json:"rules"`
	Allowed  bool     `json:"allowed"`
	Message  string   `json:"message"`
	Warnings []string `json:"warnings"`
	// Object is the object after the mutations; absent where none was made.
	Object map[string]any `json:"object,omitempty"`
}

type rule struct {
	Name       string            `json:"name"`
	Status     string            `json:"status"`
	Message    string            `json:"message"`
	Properties map[string]string `json:"properties"`
}

// refusal: Kyverno does not take the policy.
type refusal struct {
	Refused string `json:"refused"`
}

// asked is a policy that is ready to be asked.
type asked func(*request) answer

// answerWith makes a command of how a kind of policies is got ready.
func answerWith(prepare func(*question) (asked, error)) func(json.RawMessage) any {
	return func(raw json.RawMessage) any {
		var q question
		if err := json.Unmarshal(raw, &q); err != nil {
			panic("bad question: " + err.Error())
		}
		ask, err := prepare(&q)
		if err != nil {
			return refusal{err.Error()}
		}
		answers := make([]answer, len(q.Requests))
		for i := range q.Requests {
			answers[i] = guarded(ask, &q.Requests[i])
		}
		return answers
	}
}

// guarded answers for engines that panic: the API server sees the webhook fail.
func guarded(ask asked, r *request) (result answer) {
	defer func() {
		if cause := recover(); cause != nil {
			result = answer{Rules: []rule{{Status: "panic", Message: fmt.Sprint(cause)}}}
		}
	}()
	return ask(r)
}

func decode[T any](raw json.RawMessage) *T {
	var value T
	if err := json.Unmarshal(raw, &value); err != nil {
		panic("bad policy: " + err.Error())
	}
	return &value
}

func isNamespaced(raw json.RawMessage) bool {
	return decode[unstructured.Unstructured](raw).GetNamespace() != ""
}

func rulesOf(responses []engineapi.RuleResponse) []rule {
	rules := make([]rule, 0, len(responses))
	for _, r := range responses {
		rules = append(rules, rule{r.Name(), string(r.Status()), r.Message(), r.Properties()})
	}
	return rules
}

// namespace is nil where there is none, as the webhook's resolver answers.
func (q *question) namespace(name string) *corev1.Namespace {
	for _, namespace := range q.Namespaces {
		if namespace.Name == name {
			return namespace
		}
	}
	return nil
}

// exceptions are those in force for a policy, chosen as Kyverno's controllers do.
func (q *question) exceptions(kind, name string) []*policiesv1beta1.PolicyException {
	found, err := celengine.ListExceptions(exceptionLister(q.Exceptions), kind, name)
	if err != nil {
		panic(err)
	}
	return found
}

type exceptionLister []*policiesv1beta1.PolicyException

func (l exceptionLister) List(labels.Selector) ([]*policiesv1beta1.PolicyException, error) {
	return l, nil
}

// context holds what expressions may look up.
func (q *question) context() libs.Context {
	context := libs.NewFakeContextProvider()
	for _, object := range q.Objects {
		if err := context.AddResource(q.resourceOf(object), object); err != nil {
			panic(err)
		}
	}
	return &cluster{context, q}
}

// cluster lists as the API server does: Kyverno's fake knows neither labels nor all namespaces.
type cluster struct {
	*libs.FakeContextProvider
	question *question
}

func (c *cluster) ListResources(apiVersion, resource, namespace string, selector map[string]string) (*unstructured.UnstructuredList, error) {
	list := &unstructured.UnstructuredList{Object: map[string]any{"apiVersion": apiVersion, "kind": "List"}}
	for _, object := range c.question.Objects {
		if object.GetAPIVersion() == apiVersion && c.question.resourceOf(object).Resource == resource &&
			(namespace == "" || object.GetNamespace() == namespace) &&
			labels.SelectorFromSet(selector).Matches(labels.Set(object.GetLabels())) {
			list.Items = append(list.Items, *object)
		}
	}
	return list, nil
}

func (q *question) resourceOf(object *unstructured.Unstructured) schema.GroupVersionResource {
	gvk := object.GroupVersionKind()
	i := slices.IndexFunc(q.Kinds, func(k kind) bool { return k.gvk() == gvk })
	if i < 0 {
		panic("none of the kinds: " + gvk.String())
	}
	return q.Kinds[i].gvr()
}

func (k kind) gvk() schema.GroupVersionKind {
	return schema.GroupVersionKind(k.GroupVersionKind)
}

func (k kind) gvr() schema.GroupVersionResource {
	return k.gvk().GroupVersion().WithResource(k.Resource)
}

func (r *request) admission() handlers.AdmissionRequest {
	return handlers.AdmissionRequest{
		AdmissionRequest: r.AdmissionRequest,
		Roles:            r.Roles,
		ClusterRoles:     r.ClusterRoles,
		GroupVersionKind: schema.GroupVersionKind(r.Kind),
	}
}
