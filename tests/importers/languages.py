"""Customer lists in many languages, made of names and towns that are written with them."""

from __future__ import annotations

import random
from dataclasses import dataclass

__all__ = ["LANGUAGES", "Language"]


@dataclass(frozen=True, slots=True)
class Language:
    """Names, towns and the header of a list, and the code pages that it is kept in."""

    header: str
    names: tuple[str, ...]
    towns: tuple[str, ...]
    encodings: tuple[str, ...]

    def customers(self, rows: int, seed: int = 0) -> str:
        """Return a list of so many customers: the same for the same seed."""
        pick = random.Random(seed)
        lines = [
            f"{pick.choice(self.names)},{pick.choice(self.towns)},user{row}@firma.example,2021-03-1{row % 9}"
            for row in range(rows)
        ]
        return "\n".join([f"{self.header},Email,Since", *lines]) + "\n"


def _language(header: str, names: str, towns: str, encodings: str) -> Language:
    return Language(header, tuple(names.split(", ")), tuple(towns.split(", ")), tuple(encodings.split()))


LANGUAGES = {
    "Czech": _language(
        "Jméno,Město",
        "Žaneta Dvořáková, Štěpán Růžička, Řehoř Šťastný, Petr Černý, Božena Kučerová, Jiří Svoboda",
        "Plzeň, Děčín, Třebíč, Praha, Brno, České Budějovice, Ústí nad Labem, Liberec",
        "cp1250 iso8859-2",
    ),
    "Polish": _language(
        "Nazwisko,Miasto",
        "Łukasz Wójcik, Małgorzata Dąbrowska, Zofia Zielińska, Paweł Wiśniewski, Świętosława Żak",
        "Łódź, Kraków, Gdańsk, Poznań, Warszawa, Białystok, Częstochowa",
        "cp1250 iso8859-2",
    ),
    "Hungarian": _language(
        "Név,Város",
        "Szabó Győző, Tóth Erzsébet, Kovács Ödön, Nagy Jenő, Kiss Ágnes, Horváth Zsófia, Varga Büszke",
        "Győr, Pécs, Szeged, Kőszeg, Hódmezővásárhely, Budapest",
        "cp1250 iso8859-2",
    ),
    "German": _language(
        "Name,Ort",
        "Jörg Müller, Käthe Groß, Anna Schmidt, Björn Weiß, Peter Jäger, Ursula Köhler",
        "Köln, München, Düsseldorf, Hamburg, Nürnberg, Lübeck",
        "cp1252 iso8859-1 mac-roman cp850",
    ),
    "French": _language(
        "Prénom,Ville",
        "Éloïse Lefèvre, François Dupont, Zoé Bérard, Jean Martin, Hélène Garçon, Noël Châtelain",
        "Orléans, Besançon, Nîmes, Paris, Saint-Étienne, Mâcon",
        "cp1252 iso8859-15 mac-roman",
    ),
    "Spanish": _language(
        "Nombre,Ciudad",
        "Íñigo Muñoz, José Álvarez, Begoña Núñez, María Pérez, Ana López",
        "Málaga, A Coruña, Córdoba, Madrid, Cádiz",
        "cp1252 mac-roman",
    ),
    "Turkish": _language(
        "Ad,Şehir",
        "Ayşe Yılmaz, Çağrı Öztürk, İbrahim Şahin, Gülşen Güneş, Ömer Kılıç",
        "İstanbul, Eskişehir, Muğla, Ankara, Diyarbakır",
        "cp1254",
    ),
    "Lithuanian": _language(
        "Vardas,Miestas",
        "Jonas Žukauskas, Rūta Šimkutė, Ąžuolas Petrauskas, Eglė Jankauskienė",
        "Šiauliai, Klaipėda, Panevėžys, Vilnius",
        "cp1257",
    ),
    "Greek": _language(
        "Όνομα,Πόλη",
        "Γιώργος Παπαδόπουλος, Μαρία Οικονόμου, Ελένη Νικολάου, Δημήτρης Αντωνίου",
        "Αθήνα, Θεσσαλονίκη, Πάτρα, Ηράκλειο",
        "cp1253 iso8859-7",
    ),
    "Russian": _language(
        "Имя,Город",
        "Алексей Смирнов, Екатерина Иванова, Дмитрий Кузнецов, Ольга Попова, Юрий Щукин",
        "Москва, Санкт-Петербург, Казань, Екатеринбург, Нижний Новгород",
        "cp1251 koi8-r cp866 mac-cyrillic iso8859-5",
    ),
    "Hebrew": _language(
        "שם,עיר",
        "דוד כהן, שרה לוי, משה פרץ, רחל מזרחי",
        "ירושלים, תל אביב, חיפה, באר שבע",
        "cp1255",
    ),
    "Arabic": _language(
        "الاسم,المدينة",
        "محمد علي, فاطمة حسن, أحمد إبراهيم, ليلى خالد",
        "القاهرة, بغداد, دمشق, الرياض",
        "cp1256",
    ),
    "Thai": _language(
        "ชื่อ,เมือง",
        "สมชาย ใจดี, สมหญิง รักไทย, ประเสริฐ ทองคำ",
        "กรุงเทพ, เชียงใหม่, ขอนแก่น",
        "cp874",
    ),
    "Chinese": _language(
        "姓名,城市",
        "王小明, 李丽华, 张伟, 刘洋, 陈静, 杨光",
        "北京市, 上海市, 广州市, 深圳市, 成都市",
        "gb18030 gbk",
    ),
    "Taiwanese": _language(
        "姓名,城市",
        "陳大文, 林淑芬, 黃志強, 張美玲, 李國華, 王雅婷",
        "臺北市, 高雄市, 臺中市, 新竹市",
        "big5",
    ),
    "Japanese": _language(
        "名前,都市",
        "山田太郎, 鈴木花子, 佐藤一郎, 田中美咲, 高橋健, 渡辺さくら",
        "東京都, 大阪市, 名古屋市, 札幌市",
        "cp932 euc-jp",
    ),
    "Korean": _language(
        "이름,도시",
        "김철수, 이영희, 박민수, 최지우, 정하나",
        "서울특별시, 부산광역시, 대구광역시, 인천광역시",
        "cp949 euc-kr",
    ),
}
