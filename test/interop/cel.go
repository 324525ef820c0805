package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/ext"
	"github.com/google/cel-go/interpreter"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/version"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/common"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/apiserver/pkg/cel/library"
	"k8s.io/apiserver/pkg/cel/mutation"
)

// celRequest is one expression to compile and evaluate as the API server does for an admission policy.
type celRequest struct {
	Expression string `json:"expression"`
	// Variables by name. Those of an admission policy have the types the API server declares, others are dyn.
	Variables json.RawMessage `json:"variables"`
	// Minor is the compatibility version 1.Minor. With Mode "new" only what that version knows may be used; otherwise
	// the expression counts as stored, and everything may.
	Minor uint   `json:"minor"`
	Mode  string `json:"mode"`
	// Mutation adds what MutatingAdmissionPolicies know besides: Object{}, JSONPatch{}, jsonpatch.escapeKey.
	Mutation bool `json:"mutation"`
	// Extensions adds extensions of cel-go that the API server does not have, and other dialects do.
	Extensions bool `json:"extensions"`
	// Limit is the cost budget; without it the API server's own.
	Limit *uint64 `json:"limit"`
	// Authorizer, when present, defines authorizer and authorizer.requestResource.
	Authorizer *celAuthorizer `json:"authorizer"`
}

type celAnswer struct {
	// Type of the result as the checker sees it.
	Type         string     `json:"type,omitempty"`
	CompileError string     `json:"compileError,omitempty"`
	Issues       []celIssue `json:"issues,omitempty"`
	Value        any        `json:"value"`
	Error        string     `json:"error,omitempty"`
	Cost         *uint64    `json:"cost,omitempty"`
}

// celIssue: line from 1, column in code points from 0, as cel-go counts.
type celIssue struct {
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

func init() {
	commands["cel"] = func(raw json.RawMessage) any {
		var request celRequest
		if err := json.Unmarshal(raw, &request); err != nil {
			return map[string]string{"panic": "bad request: " + err.Error()}
		}
		return evaluateCel(request)
	}
}

func evaluateCel(request celRequest) any {
	variables, err := celVariables(request)
	if err != nil {
		return map[string]string{"panic": "bad variables: " + err.Error()}
	}
	env, err := celEnvironment(request, variables)
	if err != nil {
		return map[string]string{"panic": "environment: " + err.Error()}
	}
	// The same steps as compiler.CompileCELExpression, which hides the environment it uses.
	ast, issues := env.Compile(request.Expression)
	if issues != nil {
		return celAnswer{CompileError: issues.String(), Issues: celIssues(issues)}
	}
	options := []cel.ProgramOption{cel.InterruptCheckFrequency(celconfig.CheckFrequency)}
	if request.Limit != nil {
		options = append(options, cel.CostLimit(*request.Limit))
	}
	program, err := env.Program(ast, options...)
	if err != nil {
		return celAnswer{CompileError: "program instantiation failed: " + err.Error()}
	}
	answer := celAnswer{Type: ast.OutputType().String()}
	value, details, err := program.ContextEval(context.Background(), variables)
	if details != nil {
		answer.Cost = details.ActualCost()
	}
	if err != nil {
		answer.Error = err.Error()
		return answer
	}
	answer.Value = encodeCel(value)
	return answer
}

func celIssues(issues *cel.Issues) []celIssue {
	result := []celIssue{}
	for _, issue := range issues.Errors() {
		result = append(result, celIssue{issue.Location.Line(), issue.Location.Column(), issue.Message})
	}
	return result
}

// celActivation answers like the API server's evaluationActivation: a name it knows but has no value for is null.
type celActivation map[string]any

func (a celActivation) ResolveName(name string) (any, bool) {
	value, found := a[name]
	return value, found
}

func (a celActivation) Parent() interpreter.Activation { return nil }

// admissionVariables are there in every admission policy, null where the request has none.
var admissionVariables = []string{
	plugincel.ObjectVarName, plugincel.OldObjectVarName, plugincel.ParamsVarName,
	plugincel.RequestVarName, plugincel.NamespaceVarName,
}

func celVariables(request celRequest) (celActivation, error) {
	activation := celActivation{}
	for _, name := range admissionVariables {
		activation[name] = nil
	}
	if len(request.Variables) > 0 {
		// int64 where the number is one, otherwise float64: as the API server decodes unstructured objects.
		given := map[string]any{}
		if err := utiljson.Unmarshal(request.Variables, &given); err != nil {
			return nil, err
		}
		for name, value := range given {
			activation[name] = value
		}
	}
	if request.Authorizer != nil {
		activation[plugincel.AuthorizerVarName] = request.Authorizer.value()
		activation[plugincel.RequestResourceAuthorizerVarName] = request.Authorizer.requestResourceValue()
	}
	return activation, nil
}

var (
	celEnvironments = map[string]*cel.Env{}
	celLock         sync.Mutex
)

// celEnvironment builds what createEnvForOpts of the admission plugin builds, with further dyn variables.
func celEnvironment(request celRequest, variables celActivation) (*cel.Env, error) {
	if request.Minor == 0 {
		return nil, errors.New("minor is missing")
	}
	extra := extraVariables(variables)
	key := fmt.Sprint(request.Minor, request.Mode, request.Mutation, request.Extensions, extra)
	celLock.Lock()
	defer celLock.Unlock()
	if env := celEnvironments[key]; env != nil {
		return env, nil
	}
	env, err := newCelEnvironment(request, extra)
	if err == nil {
		celEnvironments[key] = env
	}
	return env, err
}

func extraVariables(variables celActivation) []string {
	known := " " + strings.Join(append([]string{
		plugincel.AuthorizerVarName, plugincel.RequestResourceAuthorizerVarName,
	}, admissionVariables...), " ") + " "
	var extra []string
	for name := range variables {
		if !strings.Contains(known, " "+name+" ") {
			extra = append(extra, name)
		}
	}
	sort.Strings(extra)
	return extra
}

func newCelEnvironment(request celRequest, extra []string) (*cel.Env, error) {
	requestType, namespaceType := plugincel.BuildRequestType(), plugincel.BuildNamespaceType()
	options := []cel.EnvOption{
		cel.Variable(plugincel.ObjectVarName, cel.DynType),
		cel.Variable(plugincel.OldObjectVarName, cel.DynType),
		cel.Variable(plugincel.ParamsVarName, cel.DynType),
		cel.Variable(plugincel.NamespaceVarName, namespaceType.CelType()),
		cel.Variable(plugincel.RequestVarName, requestType.CelType()),
		cel.Variable(plugincel.AuthorizerVarName, library.AuthorizerType),
		cel.Variable(plugincel.RequestResourceAuthorizerVarName, library.ResourceCheckType),
	}
	for _, name := range extra {
		options = append(options, cel.Variable(name, cel.DynType))
	}
	set, err := environment.MustBaseEnvSet(version.MajorMinor(1, request.Minor)).Extend(
		environment.VersionedOptions{
			IntroducedVersion: version.MajorMinor(1, 0),
			EnvOptions:        options,
			DeclTypes:         []*apiservercel.DeclType{namespaceType, requestType},
		},
		environment.StrictCostOpt,
	)
	if err == nil && request.Mutation {
		set, err = set.Extend(environment.VersionedOptions{
			IntroducedVersion: version.MajorMinor(1, 0),
			EnvOptions: []cel.EnvOption{
				common.ResolverEnvOption(&mutation.DynamicTypeResolver{}),
				environment.UnversionedLib(library.JSONPatch),
			},
		})
	}
	if err == nil && request.Extensions {
		set, err = set.Extend(environment.VersionedOptions{
			IntroducedVersion: version.MajorMinor(1, 0),
			EnvOptions:        []cel.EnvOption{ext.Bindings(ext.BindingsVersion(0)), ext.Encoders(ext.EncodersVersion(0)), ext.Math()},
		})
	}
	if err != nil {
		return nil, err
	}
	if request.Mode == "new" {
		return set.NewExpressionsEnv(), nil
	}
	return set.StoredExpressionsEnv(), nil
}
