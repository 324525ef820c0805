package main

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/policy/generic"
	"k8s.io/apiserver/pkg/admission/plugin/policy/matching"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/client-go/dynamic"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	clientfake "k8s.io/client-go/kubernetes/fake"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
)

// admKind is a resource, or with Subresource a part of one, and the kind it carries.
type admKind struct {
	Group       string `json:"group"`
	Version     string `json:"version"`
	Resource    string `json:"resource"`
	Subresource string `json:"subresource"`
	// Kind, in the group and version KindGroup and KindVersion where they differ from the resource's.
	Kind        string `json:"kind"`
	KindGroup   string `json:"kindGroup"`
	KindVersion string `json:"kindVersion"`
	Namespaced  bool   `json:"namespaced"`
}

func (k admKind) gvr() schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: k.Group, Version: k.Version, Resource: k.Resource}
}

func (k admKind) gvk() schema.GroupVersionKind {
	if k.KindVersion != "" {
		return schema.GroupVersionKind{Group: k.KindGroup, Version: k.KindVersion, Kind: k.Kind}
	}
	return k.gvr().GroupVersion().WithKind(k.Kind)
}

// admInterfaces knows the kinds of one cluster. Objects are unstructured, and converted to another version by its name
// alone.
type admInterfaces struct {
	runtime.EquivalentResourceRegistry
}

func newAdmInterfaces(kinds []admKind) admission.ObjectInterfaces {
	registry := runtime.NewEquivalentResourceRegistry()
	for _, kind := range kinds {
		registry.RegisterKindFor(kind.gvr(), kind.Subresource, kind.gvk())
	}
	return admInterfaces{registry}
}

func (i admInterfaces) GetObjectCreater() runtime.ObjectCreater     { return i }
func (i admInterfaces) GetObjectTyper() runtime.ObjectTyper         { panic("unused") }
func (i admInterfaces) GetObjectDefaulter() runtime.ObjectDefaulter { panic("unused") }
func (i admInterfaces) GetObjectConvertor() runtime.ObjectConvertor { return i }
func (i admInterfaces) GetEquivalentResourceMapper() runtime.EquivalentResourceMapper {
	return i.EquivalentResourceRegistry
}

func (admInterfaces) New(kind schema.GroupVersionKind) (runtime.Object, error) {
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(kind)
	return object, nil
}

func (admInterfaces) Convert(in, out, _ any) error {
	out.(*unstructured.Unstructured).Object = in.(*unstructured.Unstructured).DeepCopy().Object
	return nil
}

func (admInterfaces) ConvertToVersion(runtime.Object, runtime.GroupVersioner) (runtime.Object, error) {
	panic("unused")
}

func (admInterfaces) ConvertFieldLabel(schema.GroupVersionKind, string, string) (string, string, error) {
	panic("unused")
}

func decodeAdmObject(raw json.RawMessage) runtime.Object {
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return nil
	}
	object := map[string]any{}
	if err := utiljson.Unmarshal(raw, &object); err != nil {
		panic(err)
	}
	return &unstructured.Unstructured{Object: object}
}

func newAdmNamespaces(namespaces []*corev1.Namespace) corelisters.NamespaceLister {
	indexer := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{})
	for _, namespace := range namespaces {
		if err := indexer.Add(namespace); err != nil {
			panic(err)
		}
	}
	return corelisters.NewNamespaceLister(indexer)
}

// admParams is an informer that has seen all parameters of a kind. Lists come in the order of namespaces and names,
// where the real one has none.
type admParams struct {
	cache.SharedIndexInformer
	lister cache.GenericLister
}

func newAdmParams(kind admKind, raw []json.RawMessage) informers.GenericInformer {
	indexer := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
	for _, text := range raw {
		object := decodeAdmObject(text)
		if object.GetObjectKind().GroupVersionKind() != kind.gvk() {
			continue
		}
		if err := indexer.Add(asInformed(object)); err != nil {
			panic(err)
		}
	}
	return admParams{lister: admLister{cache.NewGenericLister(indexer, kind.gvr().GroupResource())}}
}

// asInformed is the object as its informer holds it: built-in kinds typed and without their kind.
func asInformed(object runtime.Object) runtime.Object {
	if object.GetObjectKind().GroupVersionKind() != corev1.SchemeGroupVersion.WithKind("ConfigMap") {
		return object
	}
	typed := &corev1.ConfigMap{}
	content := object.(*unstructured.Unstructured).Object
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(content, typed); err != nil {
		panic(err)
	}
	typed.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{})
	return typed
}

func (p admParams) Informer() cache.SharedIndexInformer { return p }
func (p admParams) Lister() cache.GenericLister         { return p.lister }
func (p admParams) HasSynced() bool                     { return true }

type admLister struct{ cache.GenericLister }

func (l admLister) List(selector labels.Selector) ([]runtime.Object, error) {
	return sorted(l.GenericLister.List(selector))
}

func (l admLister) ByNamespace(namespace string) cache.GenericNamespaceLister {
	return admNamespaceLister{l.GenericLister.ByNamespace(namespace)}
}

type admNamespaceLister struct{ cache.GenericNamespaceLister }

func (l admNamespaceLister) List(selector labels.Selector) ([]runtime.Object, error) {
	return sorted(l.GenericNamespaceLister.List(selector))
}

func sorted(objects []runtime.Object, err error) ([]runtime.Object, error) {
	key := func(object runtime.Object) string {
		accessor, err := meta.Accessor(object)
		if err != nil {
			panic(err)
		}
		return accessor.GetNamespace() + "\n" + accessor.GetName()
	}
	slices.SortFunc(objects, func(a, b runtime.Object) int { return strings.Compare(key(a), key(b)) })
	return objects, err
}

// admClient is asked for namespaces the lister does not have; it has none.
var admClient kubernetes.Interface = clientfake.NewClientset()

// admExcluded are the resources the API server excludes from admission policies: kubernetes
// pkg/kubeapiserver/admission/exclusion hands them to the plugin.
var admExcluded = []schema.GroupResource{
	{Group: "authentication.k8s.io", Resource: "selfsubjectreviews"},
	{Group: "authentication.k8s.io", Resource: "tokenreviews"},
	{Group: "authorization.k8s.io", Resource: "localsubjectaccessreviews"},
	{Group: "authorization.k8s.io", Resource: "selfsubjectaccessreviews"},
	{Group: "authorization.k8s.io", Resource: "selfsubjectrulesreviews"},
	{Group: "authorization.k8s.io", Resource: "subjectaccessreviews"},
}

// admPlugin is the plugin all requests go through; what differs between them comes with their contexts.
var admPlugin = sync.OnceValue(func() *generic.Plugin[validating.PolicyHook] {
	plugin := generic.NewPlugin(
		admission.NewHandler(admission.Connect, admission.Create, admission.Delete, admission.Update),
		func(informers.SharedInformerFactory, kubernetes.Interface, dynamic.Interface, meta.RESTMapper) generic.Source[validating.PolicyHook] {
			return admSource{}
		},
		func(authorizer.UnconditionalAuthorizer, *matching.Matcher, kubernetes.Interface) generic.Dispatcher[validating.PolicyHook] {
			return admDispatcher{}
		},
	)
	factory := informers.NewSharedInformerFactory(admClient, 0)
	never := make(chan struct{})
	plugin.SetEnabled(true)
	plugin.SetExternalKubeInformerFactory(factory)
	plugin.SetExternalKubeClientSet(admClient)
	plugin.SetRESTMapper(meta.NewDefaultRESTMapper(nil))
	plugin.SetDynamicClient(dynamicfake.NewSimpleDynamicClient(runtime.NewScheme()))
	plugin.SetDrainedNotification(never)
	plugin.SetUnconditionalAuthorizer(&celAuthorizer{})
	plugin.SetExcludedAdmissionResources(admExcluded)
	if err := plugin.ValidateInitialization(); err != nil {
		panic(err)
	}
	factory.Start(never)
	return plugin
})

type admSource struct{}

func (admSource) Hooks() []validating.PolicyHook { return nil }
func (admSource) HasSynced() bool                { return true }
func (admSource) Run(ctx context.Context) error  { <-ctx.Done(); return ctx.Err() }
