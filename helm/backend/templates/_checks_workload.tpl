{{/* Checks of the values that the Deployment and what scales it are made of. */}}
{{- define "backend.checks.replicas" -}}
{{- $problems := list -}}
{{- if and .Values.scaledObject.enabled (not .Values.scaledObject.metricNamespace) -}}
{{- $problems = append $problems "scaledObject.enabled is true but scaledObject.metricNamespace is empty: give CloudWatch's namespace of the service's metrics, as backend-cloud-app/dev" -}}
{{- end -}}
{{- if or .Values.hpa.enabled .Values.scaledObject.enabled -}}
{{- if not (or .Values.hpa.metrics (dig "requests" "cpu" "" (.Values.resources | default dict))) -}}
{{- $problems = append $problems "hpa.enabled is true but resources.requests.cpu is empty: the HPA measures CPU use against the request, so set one, as 100m, or give hpa.metrics, or set hpa.enabled to false" -}}
{{- end -}}
{{- if gt (int .Values.hpa.minReplicas) (int .Values.hpa.maxReplicas) -}}
{{- $problems = append $problems (printf "hpa.minReplicas is %d but hpa.maxReplicas is %d: the minimum may not be over the maximum" (int .Values.hpa.minReplicas) (int .Values.hpa.maxReplicas)) -}}
{{- end -}}
{{- end -}}
{{- $minimum := include "backend.minReplicas" . -}}
{{- with .Values.pdb -}}
{{- if not (or (kindIs "invalid" .minAvailable) (kindIs "invalid" .maxUnavailable)) -}}
{{- $problems = append $problems "pdb.minAvailable and pdb.maxUnavailable are both set: Kubernetes takes one of them, so leave the other null" -}}
{{- end -}}
{{- $available := include "backend.string" .minAvailable -}}
{{- if and .enabled $minimum (gt (int $minimum) 1) (regexMatch "^[0-9]+$" $available) -}}
{{- if ge (int $available) (int $minimum) -}}
{{- $problems = append $problems (printf "pdb.minAvailable is %s of at least %s pods: no node could be drained, so take less" $available $minimum) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $problems -}}
{{- end -}}

{{- define "backend.checks.pod" -}}
{{- $problems := list -}}
{{- $selectors := include "backend.selectorLabels" . | fromYaml -}}
{{- range $value := list "commonLabels" "podLabels" -}}
{{- range $label := keys (get $.Values $value) | sortAlpha -}}
{{- if hasKey $selectors $label -}}
{{- $problems = append $problems (printf "%s has %s, which selectors match: leave it out" $value $label) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $set := list -}}
{{- range include "backend.env" . | fromYamlArray -}}
{{- $set = append $set .name -}}
{{- end -}}
{{- range .Values.extraEnv -}}
{{- if has .name $set -}}
{{- $problems = append $problems (printf "extraEnv has %s, which the chart sets already: use the value that it comes from, and each name once" .name) -}}
{{- end -}}
{{- $set = append $set .name -}}
{{- end -}}
{{- toJson $problems -}}
{{- end -}}

{{- define "backend.checks.metrics" -}}
{{- $problems := list -}}
{{- with .Values.metrics -}}
{{- if and .prometheusRule.enabled (not .serviceMonitor.enabled) (not .prometheusRule.job) -}}
{{- $problems = append $problems "metrics.prometheusRule.enabled is true but metrics.serviceMonitor.enabled is false: give the job that scrapes the pods in metrics.prometheusRule.job" -}}
{{- end -}}
{{- end -}}
{{- toJson $problems -}}
{{- end -}}
