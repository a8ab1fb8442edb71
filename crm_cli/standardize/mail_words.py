"""What is known of mail addresses: names of roles, public and throw-away mail services, misspellings."""

from __future__ import annotations

from crm_cli.standardize.wordlists import words

__all__ = ["DISPOSABLE", "FREE", "ROLES", "TYPOS"]

# RFC 2142 names the first two lines; the rest are the usual ones of companies in several languages.
ROLES = words(
    """
    info marketing sales support abuse noc security postmaster hostmaster usenet news webmaster www uucp ftp
    admin administrator accounts accounting billing bookings careers contact contactus customercare
    customerservice do-not-reply donotreply enquiries enquiry feedback finance hello help helpdesk hr inquiries
    invoice invoices it jobs legal mail mailer-daemon media no-reply noreply no_reply office orders order
    partners press privacy purchasing reception recruiting recruitment root sales-team service services shop
    staff subscribe sysadmin team tech unsubscribe welcome kontakt buero verkauf vertrieb rechnung rechnungen
    bestellung buchhaltung einkauf zentrale bewerbung kundenservice presse contacto ventas administracion
    facturacion pedidos compras vendas contato faturamento comercial commercial comptabilite ventes accueil
    contabilita ordini vendite amministrazione segreteria sekretariat biuro kontor inkoop verkoop administratie
    salg
    """
)
FREE = words(
    """
    gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.es yahoo.it yahoo.co.in yahoo.com.br
    yahoo.co.jp yahoo.ca ymail.com rocketmail.com hotmail.com hotmail.co.uk hotmail.de hotmail.fr hotmail.es
    hotmail.it outlook.com outlook.de outlook.fr outlook.es live.com live.co.uk live.de live.fr live.nl msn.com
    aol.com icloud.com me.com mac.com gmx.de gmx.net gmx.at gmx.ch gmx.com web.de t-online.de freenet.de
    arcor.de mail.ru yandex.ru yandex.com bk.ru inbox.ru list.ru rambler.ru qq.com 163.com 126.com sina.com
    sohu.com foxmail.com yeah.net naver.com daum.net hanmail.net orange.fr wanadoo.fr free.fr laposte.net sfr.fr
    libero.it virgilio.it tiscali.it alice.it wp.pl o2.pl onet.pl interia.pl seznam.cz centrum.cz bol.com.br
    uol.com.br terra.com.br comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net
    earthlink.net btinternet.com sky.com ntlworld.com rediffmail.com proton.me protonmail.com pm.me zoho.com
    fastmail.com hey.com tutanota.com mail.com bluewin.ch telenet.be ziggo.nl kpnmail.nl xs4all.nl bigpond.com
    optusnet.com.au shaw.ca rogers.com sympatico.ca
    """
)
DISPOSABLE = words(
    """
    mailinator.com guerrillamail.com guerrillamail.net guerrillamail.org guerrillamail.de sharklasers.com grr.la
    10minutemail.com 10minutemail.net 20minutemail.com tempmail.com temp-mail.org temp-mail.io tempmail.net
    tempmailo.com tempail.com throwawaymail.com trashmail.com trashmail.de trashmail.net trash-mail.com
    wegwerfmail.de wegwerfemail.de yopmail.com yopmail.fr yopmail.net jetable.org dispostable.com maildrop.cc
    mailnesia.com mailcatch.com mintemail.com mohmal.com moakt.com fakeinbox.com getnada.com nada.email
    inboxkitten.com emailondeck.com spamgourmet.com spam4.me mytemp.email discard.email discardmail.com
    einrot.com byom.de burnermail.io anonbox.net getairmail.com mailnull.com spambox.us tempinbox.com
    tempr.email mail-temp.com minuteinbox.com linshiyouxiang.net 33mail.com incognitomail.org fake-mail.net
    mailexpire.com deadaddress.com e4ward.com spamex.com spamfree24.org objectmail.com sogetthis.com
    mailin8r.com zetmail.com tmail.ws
    """
)
TYPOS = {
    wrong: right
    for right, spellings in {
        "gmail.com": "gmial.com gmai.com gmal.com gamil.com gmil.com gmali.com gnail.com gmaill.com gmail.co gmail.con "
        "gmail.cm gmail.om gmail.cmo gmail.comm gmaul.com ggmail.com gmail.vom gmailcom.com",
        "hotmail.com": "hotmial.com hotmal.com hotmai.com hotmil.com hotamil.com hotnail.com hotmail.co hotmail.con "
        "hotmail.cm hotmaill.com htomail.com hotmali.com",
        "yahoo.com": "yaho.com yahooo.com yhaoo.com yahho.com yahoo.co yahoo.con yahoo.cm yaoo.com yhoo.com",
        "outlook.com": "outlok.com outloo.com outllok.com outlook.co outlook.con oulook.com outlool.com",
        "icloud.com": "iclod.com icoud.com icloud.co icloud.con iclould.com",
        "aol.com": "aol.con aol.co",
        "web.de": "wbe.de web.ed",
        "gmx.de": "gmx.ed gxm.de",
        "t-online.de": "tonline.de t-onlin.de t-onlie.de",
        "comcast.net": "comcast.com comcst.net concast.net",
    }.items()
    for wrong in spellings.split()
    if wrong != "comcast.com"  # a real company, whose staff has addresses there
}
