{{- define "backend.dnsEgress" -}}
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
      podSelector:
        matchLabels:
          k8s-app: kube-dns
  ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
{{- end -}}

{{/* Everything but link-local addresses: the instance's metadata, which is there, would hand out the node's role. */}}
{{- define "backend.anywhere" -}}
- ipBlock:
    cidr: "0.0.0.0/0"
    except:
      - "169.254.0.0/16"
- ipBlock:
    cidr: "::/0"
    except:
      - "fe80::/10"
      - "fd00:ec2::/32"
{{- end -}}

{{- define "backend.namespacePeer" -}}
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: {{ . | quote }}
{{- end -}}

{{/*
Where dynamodb.endpoint is, as a list of peers. A policy can't name a Service, only pods: so a Service's name gives the pods
of its namespace. `store.data` may be a Service in the namespace `data` or a host outside, so it gives both.
*/}}
{{- define "backend.storePeers" -}}
{{- $host := . -}}
{{- if contains ":" $host -}}
- ipBlock:
    cidr: {{ printf "%s/128" $host | quote }}
{{- else if regexMatch "^[0-9]+(\\.[0-9]+){3}$" $host -}}
- ipBlock:
    cidr: {{ printf "%s/32" $host | quote }}
{{- else if not (contains "." $host) -}}
- podSelector: {}
{{- else if regexMatch "^[^.]+\\.[^.]+\\.svc(\\.|$)" $host -}}
{{ include "backend.namespacePeer" (index (splitList "." $host) 1) }}
{{- else -}}
{{- if regexMatch "^[^.]+\\.[^.]+$" $host }}
{{ include "backend.namespacePeer" (index (splitList "." $host) 1) }}
{{- end }}
{{ include "backend.anywhere" . }}
{{- end -}}
{{- end -}}

{{/* The rule for dynamodb.endpoint; empty where the one for TLS has it already. */}}
{{- define "backend.storeEgress" -}}
{{- $url := urlParse .Values.dynamodb.endpoint -}}
{{- $host := regexReplaceAll ":[0-9]*$" $url.host "" | trimAll "[]" -}}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" | default (eq $url.scheme "http" | ternary "80" "443") | int -}}
{{- $peers := include "backend.storePeers" $host | trim -}}
{{- if and $host (not (and (eq $port 443) (eq $peers (include "backend.anywhere" .)))) -}}
- to:
    {{- $peers | nindent 4 }}
  ports:
    - port: {{ $port }}
      protocol: TCP
{{- end -}}
{{- end -}}
