package main

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// objects is a built folder, by what its objects are to each other.
type objects struct {
	faults   []error
	accounts map[string]*core.ServiceAccount
	configs  map[string]*core.ConfigMap
	secrets  map[string]*core.Secret
	services []*core.Service
	pods     []pod
}

// pod is what a Deployment or a CronJob makes.
type pod struct {
	of   string
	meta meta.ObjectMeta
	spec *core.PodSpec
}

func (o *objects) fault(format string, args ...any) {
	o.faults = append(o.faults, fmt.Errorf(format, args...))
}

// fit checks that the objects name each other rightly, and that the pods are as shut
// in as they promise. The API itself finds such faults only when something runs.
func fit(all []meta.Object) []error {
	o := &objects{accounts: map[string]*core.ServiceAccount{}, configs: map[string]*core.ConfigMap{}, secrets: map[string]*core.Secret{}}
	for _, each := range all {
		if _, cluster := each.(*core.Namespace); !cluster && each.GetNamespace() != "doisoat" {
			o.fault("%T %s: is in the namespace %q, and not in doisoat", each, each.GetName(), each.GetNamespace())
		}
		switch v := each.(type) {
		case *core.ServiceAccount:
			o.accounts[v.Name] = v
		case *core.ConfigMap:
			o.configs[v.Name] = v
		case *core.Secret:
			o.secrets[v.Name] = v
		case *core.Service:
			o.services = append(o.services, v)
		case *apps.Deployment:
			o.pods = append(o.pods, pod{"Deployment " + v.Name, v.Spec.Template.ObjectMeta, &v.Spec.Template.Spec})
			o.selects("Deployment "+v.Name, v.Spec.Selector, v.Spec.Template.Labels)
		case *batch.CronJob:
			t := v.Spec.JobTemplate.Spec.Template
			o.pods = append(o.pods, pod{"CronJob " + v.Name, t.ObjectMeta, &t.Spec})
			o.cronJob(v)
		}
	}
	for _, p := range o.pods {
		o.pod(p)
	}
	for _, each := range all {
		switch v := each.(type) {
		case *core.Service:
			o.service(v)
		case *policy.PodDisruptionBudget:
			o.somePod("PodDisruptionBudget "+v.Name, v.Spec.Selector)
		case *networking.NetworkPolicy:
			o.somePod("NetworkPolicy "+v.Name, &v.Spec.PodSelector)
		case *monitoring.ServiceMonitor:
			o.serviceMonitor(v)
		}
	}
	return o.faults
}

func (o *objects) selects(of string, by *meta.LabelSelector, these map[string]string) bool {
	s, err := meta.LabelSelectorAsSelector(by)
	if err != nil {
		o.fault("%s: %w", of, err)
		return true
	}
	return s.Matches(labels.Set(these))
}

func (o *objects) somePod(of string, by *meta.LabelSelector) {
	for _, p := range o.pods {
		if o.selects(of, by, p.meta.Labels) {
			return
		}
	}
	o.fault("%s: selects no pod", of)
}

func (o *objects) service(s *core.Service) {
	o.somePod("Service "+s.Name, &meta.LabelSelector{MatchLabels: s.Spec.Selector})
	for _, port := range s.Spec.Ports {
		if !o.hasPort(port.TargetPort.StrVal) {
			o.fault("Service %s: leads to the port %q, which no container has", s.Name, port.TargetPort.StrVal)
		}
	}
}

func (o *objects) hasPort(name string) bool {
	for _, p := range o.pods {
		for _, c := range p.spec.Containers {
			for _, port := range c.Ports {
				if port.Name == name {
					return true
				}
			}
		}
	}
	return false
}

func (o *objects) serviceMonitor(m *monitoring.ServiceMonitor) {
	for _, s := range o.services {
		if !o.selects("ServiceMonitor "+m.Name, &m.Spec.Selector, s.Labels) {
			continue
		}
		if s.Labels[m.Spec.JobLabel] != "doisoat" {
			o.fault("ServiceMonitor %s: the job is called %q, and the rules ask for doisoat", m.Name, s.Labels[m.Spec.JobLabel])
		}
		for _, e := range m.Spec.Endpoints {
			named := func(p core.ServicePort) bool { return p.Name == e.Port }
			if !some(s.Spec.Ports, named) {
				o.fault("ServiceMonitor %s: scrapes the port %q, which Service %s does not have", m.Name, e.Port, s.Name)
			}
		}
		return
	}
	o.fault("ServiceMonitor %s: selects no Service", m.Name)
}

func (o *objects) cronJob(c *batch.CronJob) {
	switch {
	case c.Spec.TimeZone == nil:
		o.fault("CronJob %s: no timeZone: the hour would be the cluster's", c.Name)
	case c.Spec.ConcurrencyPolicy != batch.ForbidConcurrent:
		o.fault("CronJob %s: two runs at a time are allowed", c.Name)
	default:
		if _, err := time.LoadLocation(*c.Spec.TimeZone); err != nil {
			o.fault("CronJob %s: %w", c.Name, err)
		}
	}
	if !regexp.MustCompile(`^(\S+ ){4}\S+$`).MatchString(c.Spec.Schedule) {
		o.fault("CronJob %s: %q is no schedule", c.Name, c.Spec.Schedule)
	}
	spec := c.Spec.JobTemplate.Spec
	if spec.PodFailurePolicy != nil {
		if spec.Template.Spec.RestartPolicy != core.RestartPolicyNever {
			o.fault("CronJob %s: podFailurePolicy asks for restartPolicy: Never", c.Name)
		}
		for _, rule := range spec.PodFailurePolicy.Rules {
			named := func(k core.Container) bool { return k.Name == *rule.OnExitCodes.ContainerName }
			if rule.OnExitCodes != nil && rule.OnExitCodes.ContainerName != nil && !some(spec.Template.Spec.Containers, named) {
				o.fault("CronJob %s: podFailurePolicy names the container %q, which is not there", c.Name, *rule.OnExitCodes.ContainerName)
			}
		}
	}
}

func some[T any](all []T, holds func(T) bool) bool {
	for _, each := range all {
		if holds(each) {
			return true
		}
	}
	return false
}

// secretPath is where a configuration file names a mounted secret.
var secretPath = regexp.MustCompile(`/run/secrets/doisoat/([^\s}"',]+)`)

// secretsNamed checks that each secret that a configuration names is in the Secret.
func (o *objects) secretsNamed(of, config string, in *core.Secret) {
	for line := range strings.Lines(config) {
		line, _, _ = strings.Cut(line, " #")
		for _, m := range secretPath.FindAllStringSubmatch(line, -1) {
			if _, there := in.Data[m[1]]; !there {
				o.fault("%s: the configuration reads %s, and Secret %s has no %s", of, m[0], in.Name, m[1])
			}
		}
	}
}
