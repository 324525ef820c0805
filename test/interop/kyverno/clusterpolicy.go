package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-logr/logr"
	kyvernov1 "github.com/kyverno/kyverno/api/kyverno/v1"
	kyvernov2 "github.com/kyverno/kyverno/api/kyverno/v2"
	"github.com/kyverno/kyverno/pkg/config"
	"github.com/kyverno/kyverno/pkg/engine"
	engineapi "github.com/kyverno/kyverno/pkg/engine/api"
	"github.com/kyverno/kyverno/pkg/engine/factories"
	"github.com/kyverno/kyverno/pkg/engine/jmespath"
	"github.com/kyverno/kyverno/pkg/engine/policycontext"
	engineutils "github.com/kyverno/kyverno/pkg/utils/engine"
	webhookutils "github.com/kyverno/kyverno/pkg/webhooks/utils"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	corev1listers "k8s.io/client-go/listers/core/v1"
	"k8s.io/utils/ptr"
)

// newClusterPolicy gets a ClusterPolicy or Policy ready. Its rules are made when it is asked, as they are at admission.
func newClusterPolicy(q *question) (asked, error) {
	var policy kyvernov1.PolicyInterface = decode[kyvernov1.ClusterPolicy](q.Policy)
	if isNamespaced(q.Policy) {
		policy = decode[kyvernov1.Policy](q.Policy)
	}
	configuration := config.NewDefaultConfiguration(true)
	jmes := jmespath.New(configuration)
	loader := factories.DefaultContextLoaderFactory(nil)
	client := &policyClient{existingClient: existingClient{objects: q.Objects, namespaces: q}}
	asking := engine.NewEngine(configuration, jmes, client, nil, nil, loader, nil, ptr.To(true))
	return func(r *request) answer {
		ctx := context.Background()
		response := asking.Validate(ctx, policyContext(q, policy, r, configuration, jmes))
		all := []engineapi.EngineResponse{response}
		result := answer{Rules: rulesOf(response.PolicyResponse.Rules), Allowed: true}
		if webhookutils.BlockRequest(all, policy.GetSpec().GetFailurePolicy(ctx), logr.Discard()) {
			result.Allowed, result.Message = false, webhookutils.GetBlockedMessages(all)
		}
		return result
	}, nil
}

// policyContext is made as the validating webhook makes it (pkg/webhooks/resource/validation).
func policyContext(q *question, policy kyvernov1.PolicyInterface, r *request, configuration config.Configuration, jmes jmespath.Interface) *policycontext.PolicyContext {
	info := kyvernov2.RequestInfo{AdmissionUserInfo: r.UserInfo, Roles: r.Roles, ClusterRoles: r.ClusterRoles}
	made, err := policycontext.NewPolicyContextFromAdmissionRequest(jmes, r.AdmissionRequest, info, schema.GroupVersionKind(r.Kind), configuration)
	if err != nil {
		panic(err)
	}
	namespaceLabels := map[string]string{}
	if r.Kind.Kind != "Namespace" && r.Namespace != "" {
		namespaceLabels, err = engineutils.GetNamespaceSelectorsFromNamespaceLister(
			r.Kind.Kind, r.Namespace, namespaceLister{question: q}, []kyvernov1.PolicyInterface{policy}, logr.Discard())
		if err != nil {
			panic(err)
		}
	}
	return made.WithPolicy(policy).WithNamespaceLabels(namespaceLabels)
}

type namespaceLister struct {
	corev1listers.NamespaceLister
	question *question
}

func (l namespaceLister) Get(name string) (*corev1.Namespace, error) {
	if namespace := l.question.namespace(name); namespace != nil {
		return namespace, nil
	}
	return nil, apierrors.NewNotFound(schema.GroupResource{Resource: "namespaces"}, name)
}

func (l namespaceLister) List(labels.Selector) ([]*corev1.Namespace, error) {
	return l.question.Namespaces, nil
}

// policyClient is what rules may ask the cluster.
type policyClient struct {
	existingClient
	engineapi.RawClient
	engineapi.AuthClient
}

func (c *policyClient) GetNamespace(_ context.Context, name string, _ metav1.GetOptions) (*corev1.Namespace, error) {
	return namespaceLister{question: c.namespaces}.Get(name)
}

func (c *policyClient) IsNamespaced(group, version, name string) (bool, error) {
	gvk := schema.GroupVersionKind{Group: group, Version: version, Kind: name}
	i := slices.IndexFunc(c.namespaces.Kinds, func(k kind) bool { return k.gvk() == gvk })
	if i < 0 {
		return false, fmt.Errorf("no such kind: %s", gvk)
	}
	return c.namespaces.Kinds[i].Namespaced, nil
}

func (c *policyClient) GetResources(context.Context, string, string, string, string, string, string, *metav1.LabelSelector) ([]engineapi.Resource, error) {
	return nil, fmt.Errorf("not asked by rules in CEL")
}

func (c *policyClient) GetResource(ctx context.Context, apiVersion, kind, namespace, name string, _ ...string) (*unstructured.Unstructured, error) {
	return c.existingClient.GetResource(ctx, apiVersion, kind, namespace, name)
}
