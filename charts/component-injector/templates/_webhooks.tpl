{{/* A key only where neither the injector nor cert-manager writes it: an upgrade must not reset it. */}}
{{- define "ci.caBundle" -}}
{{- with .Values.certificate.caBundle -}}
caBundle: {{ b64enc . }}
{{- end }}
{{- end }}

{{- define "ci.webhookAnnotations" -}}
{{- if eq .Values.certificate.source "cert-manager" }}
cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/{{ include "ci.fullname" . }}-serving
{{- end }}
{{- with .Values.webhook.annotations }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Never the injector's own namespace, nor the system's: they must come up without it. */}}
{{- define "ci.namespaceSelector" -}}
{{- with .Values.webhook.namespaceSelector.matchLabels }}
matchLabels:
  {{- toYaml . | nindent 2 }}
{{- end }}
matchExpressions:
  - key: kubernetes.io/metadata.name
    operator: NotIn
    values:
      {{- append .Values.webhook.excludedNamespaces .Release.Namespace | uniq | toYaml | nindent 6 }}
  {{- with .Values.namespaces }}
  - key: kubernetes.io/metadata.name
    operator: In
    values:
      {{- toYaml . | nindent 6 }}
  {{- end }}
  {{- with .Values.webhook.namespaceSelector.matchExpressions }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
