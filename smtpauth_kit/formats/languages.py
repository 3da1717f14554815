"""Column names in other languages: one table, English first.

From Microsoft's translated documents, where they name the report's columns; no localised export is
public (data/README.md), so the others are the usual words, and `--map` settles what is missing.
"""

from __future__ import annotations

from typing import Final

_TABLE: Final[dict[str, tuple[str, ...]]] = {
    "Sender address": (
        "Adres afzender", "Afzenderadres", "Absenderadresse", "Adresse de l'expéditeur",
        "Adresse de l\u2019expéditeur", "Dirección del remitente", "Endereço do remetente",
        "Indirizzo del mittente", "送信者のアドレス",
    ),
    "Recipient address": (
        "Adres ontvanger", "Ontvangeradres", "Empfängeradresse", "Adresse du destinataire",
        "Dirección del destinatario", "Endereço do destinatário", "Indirizzo del destinatario",
        "受信者のアドレス",
    ),
    "Message count": (
        "Aantal berichten", "Anzahl der Nachrichten", "Nombre de messages", "Número de mensajes",
        "Contagem de mensagem", "Numero di messaggi", "メッセージ数",
    ),
    "Messages sent": (
        "Verzonden berichten", "Gesendete Nachrichten", "Messages envoyés", "Mensajes enviados",
        "Mensagens enviadas", "Messaggi inviati", "送信されたメッセージ",
    ),
    "Domain": ("Domein", "Domäne", "Domaine", "Dominio", "Domínio", "ドメイン"),
    # "Data" is missing: exports have a column of that name that is no date.
    "Date": ("Datum/tijd", "Datum", "Fecha", "日付"),
    "Message ID": (
        "Bericht-id", "Nachrichten-ID", "ID du message", "Id. de mensaje", "ID da mensagem",
        "ID messaggio", "メッセージ ID",
    ),
    "TLS version": (
        "TLS-versie", "TLS-Version", "Version TLS", "Versión de TLS", "Versão do TLS",
        "Versione TLS", "TLS バージョン",
    ),
    "Client IP": ("Client-IP", "IP du client", "IP de cliente", "IP do cliente", "IP client"),
    "Authentication protocol": (
        "Verificatieprotocol", "Authentifizierungsprotokoll", "Protocole d'authentification",
        "Protocole d\u2019authentification", "Protocolo de autenticación",
        "Protocolo de autenticação", "Protocollo di autenticazione", "認証プロトコル",
    ),
    "Account": ("Konto", "Compte", "Cuenta", "Conta", "アカウント"),
    "No TLS": ("Geen TLS", "Kein TLS", "Aucun TLS", "Sin TLS", "Sem TLS", "Nessun TLS", "TLS なし"),
    "Sender": (
        "Afzender", "Absender", "Expéditeur", "Remitente", "Remetente", "Mittente", "送信者",
    ),
    "Recipient": (
        "Ontvanger", "Empfänger", "Destinataire", "Destinatario", "Destinatário", "受信者",
    ),
    "Subject": ("Onderwerp", "Betreff", "Objet", "Asunto", "Assunto", "Oggetto", "件名"),
    **{
        f"TLS 1.{minor}": (
            f"TLS 1.{minor} (percentage)", f"TLS 1.{minor} (percentuale)",
            f"TLS 1.{minor} (Prozent)", f"TLS 1.{minor} (pourcentage)",
            f"TLS 1.{minor} (porcentaje)", f"TLS 1.{minor} (porcentagem)",
        )
        for minor in range(4)
    },
}  # fmt: skip


def in_all_languages(label: str) -> tuple[str, ...]:
    """Return a column's name in every language the kit knows, as it is first.

    Examples
    --------
    >>> in_all_languages("Messages sent")[:3]
    ('Messages sent', 'Verzonden berichten', 'Gesendete Nachrichten')
    """
    return (label, *_TABLE.get(label, ()))
