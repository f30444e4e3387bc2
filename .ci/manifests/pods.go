package main

import (
	"slices"
	"strings"

	core "k8s.io/api/core/v1"
)

// pod checks one pod against the "restricted" standard of the cluster's own pod
// security, whose namespace label the manifests set, and a few promises more.
func (o *objects) pod(p pod) {
	s := p.spec
	account := o.accounts[s.ServiceAccountName]
	switch {
	case account == nil:
		o.fault("%s: runs as the service account %q, which is not there", p.of, s.ServiceAccountName)
	case !isFalse(account.AutomountServiceAccountToken) || !isFalse(s.AutomountServiceAccountToken):
		o.fault("%s: is given a token for the cluster", p.of)
	}
	c := s.SecurityContext
	if c == nil || !isTrue(c.RunAsNonRoot) || c.RunAsUser == nil || *c.RunAsUser == 0 ||
		c.SeccompProfile == nil || c.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault {
		o.fault("%s: runAsNonRoot, a runAsUser and seccompProfile RuntimeDefault are not all set", p.of)
	}
	if s.HostNetwork || s.HostPID || s.HostIPC {
		o.fault("%s: shares a namespace of its node", p.of)
	}
	// The daemon gives itself 30 s.
	if s.TerminationGracePeriodSeconds == nil || *s.TerminationGracePeriodSeconds < 35 {
		o.fault("%s: has less than 35 s to end", p.of)
	}
	volumes := o.volumes(p)
	for _, k := range slices.Concat(s.InitContainers, s.Containers) {
		o.container(p, k, volumes)
	}
	for _, k := range s.Containers {
		o.probes(p, k)
	}
}

// volumes gives the pod's volumes' names; what they are made of must be there.
func (o *objects) volumes(p pod) []string {
	var names []string
	var config *core.ConfigMap
	var secret *core.Secret
	for _, v := range p.spec.Volumes {
		names = append(names, v.Name)
		switch {
		case v.ConfigMap != nil:
			if config = o.configs[v.ConfigMap.Name]; config == nil {
				o.fault("%s: the volume %s is of ConfigMap %s, which is not there", p.of, v.Name, v.ConfigMap.Name)
			}
		case v.Secret != nil:
			if secret = o.secrets[v.Secret.SecretName]; secret == nil {
				o.fault("%s: the volume %s is of Secret %s, which is not there", p.of, v.Name, v.Secret.SecretName)
			}
		case v.EmptyDir == nil:
			o.fault("%s: the volume %s is neither a ConfigMap, nor a Secret, nor empty", p.of, v.Name)
		}
	}
	if config != nil && secret != nil {
		text, there := config.Data["doisoat.yaml"]
		if !there {
			o.fault("%s: ConfigMap %s has no doisoat.yaml", p.of, config.Name)
		}
		o.secretsNamed(p.of, text, secret)
	}
	return names
}

func (o *objects) container(p pod, k core.Container, volumes []string) {
	of := p.of + ", container " + k.Name
	c := k.SecurityContext
	if c == nil || !isFalse(c.AllowPrivilegeEscalation) || !isTrue(c.ReadOnlyRootFilesystem) || isTrue(c.Privileged) ||
		c.Capabilities == nil || !slices.Equal(c.Capabilities.Drop, []core.Capability{"ALL"}) || len(c.Capabilities.Add) > 0 {
		o.fault("%s: no privilege escalation, a read-only root and no capabilities are not all set", of)
	}
	if k.Resources.Limits.Memory().IsZero() || k.Resources.Requests.Memory().IsZero() || k.Resources.Requests.Cpu().IsZero() {
		o.fault("%s: requests of cpu and memory and a limit of memory are not all set", of)
	}
	if _, tag, tagged := strings.Cut(k.Image[strings.LastIndex(k.Image, "/")+1:], ":"); !tagged || tag == "latest" {
		o.fault("%s: the image %s is not pinned", of, k.Image)
	}
	for _, m := range k.VolumeMounts {
		if !slices.Contains(volumes, m.Name) {
			o.fault("%s: mounts %s, which is no volume of the pod", of, m.Name)
		}
	}
	if !slices.Contains(k.Args, "/etc/doisoat/doisoat.yaml") || !some(k.VolumeMounts, func(m core.VolumeMount) bool { return m.MountPath == "/etc/doisoat" }) {
		o.fault("%s: the configuration is not handed over", of)
	}
}

// probes checks a server's probes; a program that ends has none.
func (o *objects) probes(p pod, k core.Container) {
	if !slices.Contains(k.Args, "serve") {
		return
	}
	for name, want := range map[string]struct {
		probe *core.Probe
		path  string
	}{
		"livenessProbe": {k.LivenessProbe, "/-/healthy"}, "readinessProbe": {k.ReadinessProbe, "/-/ready"}, "startupProbe": {k.StartupProbe, "/-/healthy"},
	} {
		switch {
		case want.probe == nil || want.probe.HTTPGet == nil:
			o.fault("%s: no %s", p.of, name)
		case want.probe.HTTPGet.Path != want.path:
			o.fault("%s: the %s asks for %s, and not for %s", p.of, name, want.probe.HTTPGet.Path, want.path)
		case !some(k.Ports, func(port core.ContainerPort) bool { return port.Name == want.probe.HTTPGet.Port.StrVal }):
			o.fault("%s: the %s asks the port %s, which is not there", p.of, name, want.probe.HTTPGet.Port.String())
		}
	}
}

func isTrue(b *bool) bool  { return b != nil && *b }
func isFalse(b *bool) bool { return b != nil && !*b }
