package main

import (
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	opa "github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
)

// modules says where Kubescape's own modules are: the one with its controls and rules, and the one with the functions that
// rules import.
type modules struct {
	Rules   string `json:"rules"`
	Helpers string `json:"helpers"`
}

// kubescape answers, of each object of a case, which of the wanted controls report it.
func kubescape(request json.RawMessage) any {
	var asked struct {
		Modules  modules          `json:"modules"`
		Controls []string         `json:"controls"`
		Objects  []map[string]any `json:"objects"`
	}
	if err := json.Unmarshal(request, &asked); err != nil {
		return failed(err)
	}
	controls, err := openControls(asked.Modules, asked.Controls)
	if err != nil {
		return failed(err)
	}
	reports := make([][]string, len(asked.Objects))
	for i := range reports {
		reports[i] = []string{}
	}
	for _, control := range controls {
		reported, err := control.reports(asked.Objects)
		if err != nil {
			return failed(fmt.Errorf("%s: %w", control.id, err))
		}
		for i, is := range reported {
			if is {
				reports[i] = append(reports[i], control.id)
			}
		}
	}
	return map[string]any{"reports": reports}
}

type control struct {
	id    string
	rules []rule
}

// A rule sees the objects of its kinds all at once, or what they are put together to.
type rule struct {
	match      []match
	aggregator string
	query      rego.PreparedEvalQuery
}

type match struct {
	APIGroups   []string `json:"apiGroups"`
	APIVersions []string `json:"apiVersions"`
	Resources   []string `json:"resources"`
}

var (
	opening  sync.Mutex
	opened   []control
	openedBy string
)

// openControls reads and compiles them for the first request; the others ask for the same.
func openControls(from modules, wanted []string) ([]control, error) {
	opening.Lock()
	defer opening.Unlock()
	by := fmt.Sprint(from, wanted)
	if by == openedBy {
		return opened, nil
	}
	helpers, err := readHelpers(from.Helpers)
	if err != nil {
		return nil, err
	}
	settings, err := readSettings(from.Rules)
	if err != nil {
		return nil, err
	}
	var controls []control
	for _, id := range wanted {
		rules, err := openRules(from.Rules, id, helpers, settings)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
		controls = append(controls, control{id, rules})
	}
	opened, openedBy = controls, by
	return controls, nil
}

func openRules(folder, id string, helpers map[string]string, settings map[string]any) ([]rule, error) {
	files, err := filepath.Glob(filepath.Join(folder, "controls", id+"-*.json"))
	if err != nil || len(files) != 1 {
		return nil, fmt.Errorf("expected one control, got %d %v", len(files), err)
	}
	var described struct {
		Rules []string `json:"rulesNames"`
	}
	if err := readJSON(files[0], &described); err != nil {
		return nil, err
	}
	var rules []rule
	for _, name := range described.Rules {
		rule, err := openRule(folder, name, helpers, settings)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

// openRule finds a rule by the name in its metadata, which is not always that of its folder.
func openRule(folder, name string, helpers map[string]string, settings map[string]any) (rule, error) {
	files, err := filepath.Glob(filepath.Join(folder, "rules", "*", "rule.metadata.json"))
	if err != nil {
		return rule{}, err
	}
	for _, file := range files {
		var described struct {
			Name       string         `json:"name"`
			Match      []match        `json:"match"`
			Attributes map[string]any `json:"attributes"`
		}
		if err := readJSON(file, &described); err != nil {
			return rule{}, err
		}
		if described.Name != name {
			continue
		}
		query, err := prepareRule(filepath.Join(filepath.Dir(file), "raw.rego"), helpers, settings)
		aggregator, _ := described.Attributes["resourcesAggregator"].(string)
		return rule{described.Match, aggregator, query}, err
	}
	return rule{}, fmt.Errorf("there is no such rule")
}

func prepareRule(file string, helpers map[string]string, settings map[string]any) (rego.PreparedEvalQuery, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return rego.PreparedEvalQuery{}, err
	}
	options := []func(*rego.Rego){
		rego.Query("data.armo_builtins.deny"),
		rego.SetRegoVersion(opa.RegoV0),
		rego.Module("raw.rego", string(text)),
		rego.Store(inmem.NewFromObject(map[string]any{
			"postureControlInputs": settings,
			"dataControlInputs":    map[string]any{"cloudProvider": ""},
		})),
	}
	for name, module := range helpers {
		options = append(options, rego.Module(name, module))
	}
	return rego.New(options...).PrepareForEval(context.Background())
}

// readHelpers takes the Rego texts out of the Go file that holds them.
func readHelpers(folder string) (map[string]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, "resources", "dependencies.go"), nil, 0)
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if literal, ok := spec.Values[0].(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if text, err := strconv.Unquote(literal.Value); err == nil && strings.Contains(text, "package ") {
				texts[spec.Names[0].Name] = text
			}
		}
		return true
	})
	if len(texts) == 0 {
		return nil, fmt.Errorf("no Rego in %s", folder)
	}
	return texts, nil
}

func readSettings(folder string) (map[string]any, error) {
	var inputs struct {
		Settings struct {
			Controls map[string]any `json:"postureControlInputs"`
		} `json:"settings"`
	}
	err := readJSON(filepath.Join(folder, "default-config-inputs.json"), &inputs)
	return inputs.Settings.Controls, err
}

func readJSON(file string, into any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// reports says of each object whether one of the rules alerts about it or about something made of it.
func (c control) reports(objects []map[string]any) ([]bool, error) {
	reported := make([]bool, len(objects))
	for _, rule := range c.rules {
		seen := rule.aggregate(rule.matching(objects))
		if len(seen) == 0 {
			continue
		}
		results, err := rule.query.Eval(context.Background(), rego.EvalInput(seen))
		if err != nil {
			return nil, err
		}
		for _, result := range results {
			for _, expression := range result.Expressions {
				alerts, _ := expression.Value.([]any)
				for _, alert := range alerts {
					for i, object := range objects {
						reported[i] = reported[i] || mentions(alert, object)
					}
				}
			}
		}
	}
	return reported, nil
}

func (r rule) matching(objects []map[string]any) []any {
	var matching []any
	for _, object := range objects {
		version, _ := object["apiVersion"].(string)
		kind, _ := object["kind"].(string)
		group, version := splitVersion(version)
		if slices.ContainsFunc(r.match, func(match match) bool {
			return among(match.APIGroups, group) && among(match.APIVersions, version) && among(match.Resources, kind)
		}) {
			matching = append(matching, object)
		}
	}
	return matching
}

func splitVersion(apiVersion string) (group, version string) {
	if group, version, ok := strings.Cut(apiVersion, "/"); ok {
		return group, version
	}
	return "", apiVersion
}

func among(allowed []string, value string) bool {
	return slices.Contains(allowed, "*") || slices.Contains(allowed, value)
}

// aggregate makes what rules about rights are asked about: each subject of a binding, with the binding and its role.
func (r rule) aggregate(objects []any) []any {
	if r.aggregator != "subject-role-rolebinding" {
		return objects
	}
	var subjects []any
	for _, one := range objects {
		binding := one.(map[string]any)
		reference, _ := binding["roleRef"].(map[string]any)
		bound, _ := binding["subjects"].([]any)
		for _, other := range objects {
			role := other.(map[string]any)
			if reference == nil || reference["kind"] != role["kind"] || reference["name"] != identity(role)[2] {
				continue
			}
			for _, each := range bound {
				subject := map[string]any{"relatedObjects": []any{binding, role}}
				for key, value := range each.(map[string]any) {
					subject[key] = value
				}
				subjects = append(subjects, subject)
			}
		}
	}
	return subjects
}

// mentions says whether an alert is about the object, or about a subject that the object gives a right.
func mentions(alert any, object map[string]any) bool {
	fields, _ := alert.(map[string]any)
	about, _ := fields["alertObject"].(map[string]any)
	alerted, _ := about["k8sApiObjects"].([]any)
	if external, ok := about["externalObjects"].(map[string]any); ok {
		related, _ := external["relatedObjects"].([]any)
		alerted = append(slices.Clone(alerted), related...)
	}
	return slices.ContainsFunc(alerted, func(one any) bool {
		candidate, ok := one.(map[string]any)
		return ok && identity(candidate) == identity(object)
	})
}

func identity(object map[string]any) [3]any {
	metadata, _ := object["metadata"].(map[string]any)
	return [3]any{object["kind"], metadata["namespace"], metadata["name"]}
}
